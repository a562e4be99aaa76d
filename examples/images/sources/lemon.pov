// Two lemons and half of another, with a leaf, on a gray table before a dark wall.
// Size: 448 x 448, lens blur. MIT license, like the project.
#include "common.inc"
View(<0.3, 2.2, -6>, <0.0, 0.85, 0>, 35, 0.1, <0, 0.9, -0.9>)
SoftBox(<-5, 6, -3.5>, <0, 0.8, 0>, 3.5, rgb <1, 0.98, 0.92> * 0.9, rgb 1.3)
SoftLamp(<5, 4, 4>, <0, 0.8, 0>, 3, rgb <1, 0.95, 0.85> * 0.35)
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.32, 0.31, 0.3>] [1 color srgb <0.64, 0.62, 0.58>] } } }
Planks(1.5, srgb <0.50, 0.52, 0.54>, srgb <0.34, 0.36, 0.38>, 0.3)
plane { z, 9 pigment { color srgb <0.06, 0.06, 0.05> } }

#declare Rind = texture {
  pigment { bozo scale 0.7 color_map { [0 color srgb <0.98, 0.83, 0.05>] [0.7 color srgb <0.99, 0.87, 0.12>] [1 color srgb <0.88, 0.84, 0.15>] } }
  normal { average normal_map { [1 wrinkles 0.35 scale 0.15] [2 bumps -0.35 scale 0.06] [1 bozo 0.5 scale 0.4] } }
  finish { diffuse 0.85 specular 0.35 roughness 0.03 }
}
// The outline of a lemon along x: a plump middle and a nipple at each end.
#declare Along = function (u) { -1.32 * cos(pi * u) }
#declare Round = function (u) { 0.93 * pow(max(0, sin(pi * u)), 1.12) * (1 - 0.1 * sin(pi * u) * sin(pi * u)) + 0.05 * (exp(-pow((u - 0.09) / 0.05, 2)) + exp(-pow((u - 0.91) / 0.05, 2))) * sin(pi * u) }
#declare Fx = function (u, v) { Along(u) }
#declare Fy = function (u, v) { Round(u) * cos(2 * pi * v) * (1 + 0.03 * sin(4 * pi * v + 3 * u)) }
#declare Fz = function (u, v) { Round(u) * sin(2 * pi * v) * (1 + 0.03 * sin(4 * pi * v + 3 * u)) }
#declare Lemon = object { Surface(Fx, Fy, Fz, 70, 60) texture { Rind } }
#declare Segments = 9;
#declare R = function (x, z) { sqrt(x * x + z * z) }
#declare A = function (x, z) { Segments * atan2(z, x) / (2 * pi) + 0.2 * Noise(x * 1.5, 3, z * 1.5) }
#declare Wall = function (x, z) { abs(A(x, z) - floor(A(x, z) + 0.5)) * R(x, z) }
#declare Face = texture {
  pigment {
    function {
      select(R(x, z) - 0.95, Step(0.02, 0.075, Wall(x, z)) * Step(0.06, 0.11, R(x, z)) * (1 - Step(0.80, 0.84, R(x, z)))
        * (0.65 + 0.35 * Step(0.25, 0.65, Noise(A(x, z) * 7, R(x, z) * 4, 4))), 1.5) / 2
    }
    color_map { [0 color srgb <1.0, 0.98, 0.82>] [0.12 color srgb <0.98, 0.93, 0.55>] [0.27 color srgb <0.95, 0.88, 0.30>] [0.5 color srgb <0.90, 0.80, 0.16>] [0.52 color srgb <0.97, 0.84, 0.08>] [1 color srgb <0.97, 0.84, 0.08>] }
  }
  normal { function { Noise(A(x, z) * 7, R(x, z) * 4, 4) * (1 - Step(0.8, 0.84, R(x, z))) } 0.12 }
  finish { diffuse 0.85 specular 0.25 roughness 0.02 emission 0.03 }
}
#declare HalfLemon = union {
  intersection { object { sphere { 0, 1 } } plane { y, -0.002 } scale <1, 1.2, 1> texture { Rind } }
  disc { 0, y, 1 texture { Face } }
  scale 0.84
}
object { Lemon rotate <30, 0, 0> rotate z * 14 rotate y * -22 translate <0.42, 1.0, 0.5> }
object { HalfLemon rotate <-62, 0, 0> rotate y * 22 translate <-0.72, 0.76, -0.95> }
object { Lemon rotate <80, 0, 0> rotate z * -8 rotate y * 40 translate <-1.0, 0.98, 2.0> }
object { Leaf(0.5, 0.35, 0.12, srgb <0.50, 0.66, 0.2>, srgb <0.13, 0.34, 0.07>) scale 1.3 rotate <10, -20, 10> translate <0.55, 1.75, 0.35> }
