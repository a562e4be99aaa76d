// Two oranges and half of another, with a leaf, on a pale table.
// Size: 512 x 384, lens blur. MIT license, like the project.
#include "common.inc"
View(<0.2, 2.3, -6.4>, <0.05, 0.92, 0>, 38, 0.12, <0, 0.9, -1.1>)
SoftBox(<-5, 7, -4>, <0, 0.8, 0>, 4, rgb <1, 0.97, 0.9> * 1.12, rgb 1.4)
SoftLamp(<6, 4, 3>, <0, 0.8, 0>, 3, rgb <1, 0.9, 0.75> * 0.4)
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.34, 0.28, 0.22>] [1 color srgb <0.62, 0.58, 0.52>] } } }
Planks(1.5, srgb <0.93, 0.91, 0.88>, srgb <0.84, 0.81, 0.77>, 0.35)
plane { z, 9 pigment { gradient y color_map { [0 color srgb <0.93, 0.92, 0.90>] [1 color srgb <0.85, 0.86, 0.87>] } scale 6 } }

#declare Peel = texture {
  pigment { bozo scale 0.6 color_map { [0 color srgb <1.0, 0.47, 0.03>] [1 color srgb <1.0, 0.58, 0.06>] } }
  normal { average normal_map { [1 wrinkles 0.25 scale 0.09] [2 bumps -0.35 scale 0.055] [1 bozo 0.3 scale 0.3] } }
  finish { diffuse 0.85 specular 0.4 roughness 0.025 }
}
#declare Orange = union {
  difference {
    sphere { 0, 1 scale <1.02, 0.96, 1.02> }
    torus { 0.1, 0.075 translate y * 0.985 }
    texture { Peel }
  }
  sphere { 0, 0.085 scale <1, 0.45, 1> translate y * 0.93 texture { pigment { color srgb <0.36, 0.42, 0.16> } normal { bumps 0.6 scale 0.03 } } }
}
// The cut face, in the plane y = 0.
#declare Segments = 10;
#declare R = function (x, z) { sqrt(x * x + z * z) }
#declare A = function (x, z) { Segments * atan2(z, x) / (2 * pi) + 0.25 * Noise(x * 1.5, 3, z * 1.5) }
#declare Wall = function (x, z) { abs(A(x, z) - floor(A(x, z) + 0.5)) * R(x, z) } // distance from the nearest membrane
#declare Face = texture {
  pigment {
    function {
      select(R(x, z) - 0.945, Step(0.02, 0.075, Wall(x, z)) * Step(0.06, 0.11, R(x, z)) * (1 - Step(0.83, 0.875, R(x, z)))
        * (0.68 + 0.32 * Step(0.25, 0.65, Noise(A(x, z) * 7, R(x, z) * 4, 4))), 1.5) / 2
    }
    color_map { [0 color srgb <1.0, 0.86, 0.56>] [0.12 color srgb <1.0, 0.72, 0.25>] [0.27 color srgb <1.0, 0.58, 0.03>] [0.5 color srgb <0.98, 0.44, 0.0>] [0.52 color srgb <1.0, 0.47, 0.0>] [1 color srgb <1.0, 0.47, 0.0>] }
  }
  normal { function { Noise(A(x, z) * 7, R(x, z) * 4, 4) * (1 - Step(0.8, 0.84, R(x, z))) } 0.12 }
  finish { diffuse 0.85 specular 0.25 roughness 0.02 emission 0.0 }
}
#declare HalfOrange = union {
  intersection { sphere { 0, 1 } plane { y, -0.002 } texture { Peel } }
  disc { 0, y, 1 texture { Face } }
}
object { Orange rotate <12, 30, -14> translate <0.75, 0.96, 0.65> }
object { HalfOrange rotate <-68, 0, 0> rotate y * 16 translate <-0.82, 0.95, -0.55> }
object { Orange rotate <-20, 80, 20> translate <-0.75, 0.96, 2.1> }
object { Leaf(0.48, 0.35, 0.1, srgb <0.45, 0.62, 0.18>, srgb <0.12, 0.32, 0.06>) scale 1.15 rotate <0, 25, 12> translate <0.8, 1.9, 0.5> }
