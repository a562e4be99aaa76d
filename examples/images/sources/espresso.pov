// A white cup of espresso with its crema, on a saucer with a spoon, on a wooden table.
// Size: 512 x 384. MIT license, like the project.
#include "common.inc"
View(<0.3, 5.0, -5.2>, <0.08, 0.36, 0.0>, 36, 0, 0)
SoftBox(<-5, 6, 3>, <0, 0.5, 0>, 3.5, rgb <1, 0.97, 0.92> * 0.95, rgb 1.3)
SoftLamp(<5, 5, -2>, <0, 0.5, 0>, 3, rgb <1, 0.93, 0.85> * 0.25)
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.4, 0.36, 0.32>] [1 color srgb <0.66, 0.64, 0.62>] } } }
object { Planks(1.6, srgb <0.46, 0.28, 0.16>, srgb <0.23, 0.13, 0.08>, 0.3) rotate y * 25 }
#declare China = texture { pigment { color srgb <0.96, 0.955, 0.94> } finish { diffuse 0.8 specular 0.5 roughness 0.01 reflection { 0.02, 0.25 fresnel on } conserve_energy } }
#declare Cup = lathe { cubic_spline 17,
  <0.0, 0.03> <0.0, 0.05> <0.40, 0.05> <0.50, 0.00> <0.56, 0.02> <0.58, 0.14> <0.80, 0.38> <0.97, 0.80> <1.02, 1.22>
  <1.005, 1.255> <0.965, 1.23> <0.91, 0.82> <0.74, 0.45> <0.50, 0.22> <0.2, 0.15> <0.0, 0.145> <-0.1, 0.145>
  texture { China } interior { ior 1.5 } }
#declare Saucer = lathe { cubic_spline 12,
  <-0.1, 0.06> <0.0, 0.06> <0.60, 0.07> <0.72, 0.10> <1.25, 0.17> <1.80, 0.33> <1.84, 0.345> <1.83, 0.30> <1.3, 0.10> <0.9, 0.0> <0.0, 0.0> <-0.1, 0.0>
  texture { China } interior { ior 1.5 } }
#declare Handle = sphere_sweep { cubic_spline 9, <0.70, 0.9, 0>, 0.09 <0.92, 0.98, 0>, 0.10 <1.15, 1.05, 0>, 0.09 <1.42, 0.98, 0>, 0.085 <1.48, 0.76, 0>, 0.085 <1.30, 0.55, 0>, 0.085 <1.05, 0.45, 0>, 0.09 <0.84, 0.42, 0>, 0.1 <0.7, 0.4, 0>, 0.1 tolerance 0.001 texture { China } interior { ior 1.5 } }
#declare R = function (x, z) { sqrt(x * x + z * z) }
#declare Swirl = function (x, z) { Fbm(3.2 * (x * cos(1.6 * R(x, z)) - z * sin(1.6 * R(x, z))), 2, 2.0 * (x * sin(1.6 * R(x, z)) + z * cos(1.6 * R(x, z)))) }
#declare Crema = texture {
  pigment {
    function { min(1, max(0, 1.5 * (Swirl(x, z) - 0.18) - 0.55 * Step(0.80, 0.93, R(x, z)) + 0.10 * (Noise(40 * x, 1, 40 * z) - 0.5))) }
    color_map { [0 color srgb <0.30, 0.14, 0.05>] [0.3 color srgb <0.48, 0.25, 0.09>] [0.6 color srgb <0.66, 0.40, 0.17>] [1 color srgb <0.84, 0.62, 0.34>] }
  }
  normal { bumps 0.08 scale 0.03 }
  finish { diffuse 0.8 specular 0.3 roughness 0.02 reflection { 0, 0.12 fresnel on } conserve_energy }
}
union {
  object { Cup }
  object { Handle rotate y * 35 }
  disc { y * 1.0, y, 0.975 texture { Crema } interior { ior 1.35 } }
  torus { 0.965, 0.022 translate y * 1.0 texture { pigment { color srgb <0.40, 0.20, 0.08> } finish { diffuse 0.8 specular 0.4 roughness 0.02 } } }
  translate y * 0.1
}
object { Saucer }
// The spoon.
union {
  sphere { 0, 0.24 scale <1.35, 0.22, 1> translate <-0.28, 0.0, 0> }
  sphere_sweep { cubic_spline 6, <-0.3, 0.0, 0>, 0.05 <0.0, 0.02, 0>, 0.045 <0.5, 0.14, 0>, 0.035 <1.3, 0.14, 0>, 0.045 <1.75, 0.09, 0>, 0.07 <1.9, 0.07, 0>, 0.07 tolerance 0.001 scale <1, 1, 1> }
  texture { pigment { color srgb <0.75, 0.74, 0.72> } finish { diffuse 0.3 specular 0.8 roughness 0.01 reflection 0.55 metallic } }
  rotate z * 4 rotate y * -14 translate <-0.30, 0.26, -1.20>
}
