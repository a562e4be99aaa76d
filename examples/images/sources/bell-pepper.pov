// A red bell pepper with its green stem before a pale green wall.
// Size: 384 x 448. MIT license, like the project.
#include "common.inc"
View(<0, 2.7, -6.4>, <0.03, 1.22, 0>, 23.5, 0, 0)
SoftBox(<-4.5, 6, -3.5>, <0, 1, 0>, 3.5, rgb <1, 0.98, 0.94> * 1.0, rgb 1.6)
SoftBox(<5, 3.5, -1>, <0, 1, 0>, 2, rgb <0.9, 0.95, 1> * 0.3, rgb 1.0)
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.55, 0.58, 0.48>] [1 color srgb <0.9, 0.9, 0.88>] } } }
Planks(2.2, srgb <0.80, 0.74, 0.62>, srgb <0.62, 0.54, 0.42>, 0.25)
plane { z, 5 pigment { gradient y color_map { [0 color srgb <0.62, 0.70, 0.48>] [1 color srgb <0.40, 0.52, 0.34>] } scale 5 } }

// Height 0..1 along u from the blossom end to the stem; four lobes that deepen towards both ends.
#declare Lobes = function (u, v) { pow(abs(cos(4 * pi * v + 0.5 * sin(2 * pi * v) + 0.6 * u)), 0.8) }
#declare Profile = function (u) { pow(max(0, sin(pi * pow(u, 0.82))), 0.52) * (0.80 + 0.24 * Step(0.2, 0.8, u)) }
#declare Depth = function (u) { 0.10 + 0.16 * pow(abs(2 * u - 0.9), 2) }
#declare Rad = function (u, v) { Profile(u) * (1 - Depth(u) * (1 - Lobes(u, v))) * (1 + 0.07 * sin(2 * pi * v + 1)) }
#declare High = function (u, v) { 2.0 * Step(-0.25, 1.25, u) - 0.24 - 0.42 * exp(-pow(Rad(u, v) / 0.42, 2)) * (u - 0.35) * select(u - 0.5, 0.6, 1) + 0.12 * Lobes(u, v) * Step(0.5, 0.95, u) * Rad(u, v) }
#declare Fx = function (u, v) { Rad(u, v) * cos(2 * pi * v) }
#declare Fy = function (u, v) { High(u, v) }
#declare Fz = function (u, v) { Rad(u, v) * sin(2 * pi * v) }
#declare Skin = texture {
  pigment { bozo scale 0.8 color_map { [0 color srgb <0.74, 0.02, 0.02>] [1 color srgb <0.84, 0.06, 0.02>] } }
  normal { bumps 0.04 scale 0.15 }
  finish { diffuse 0.8 specular 0.6 roughness 0.008 reflection { 0.0, 0.22 fresnel on } conserve_energy }
}
#declare Green = texture {
  pigment { bozo scale <0.05, 0.5, 0.05> color_map { [0 color srgb <0.24, 0.46, 0.10>] [1 color srgb <0.42, 0.62, 0.18>] } }
  normal { bozo 0.3 scale <0.05, 0.4, 0.05> }
  finish { diffuse 0.8 specular 0.3 roughness 0.03 }
}
#declare Stem = union {
  sphere_sweep { cubic_spline 7, <0, -0.3, 0>, 0.2 <0, -0.1, 0>, 0.19 <0.01, 0.12, 0>, 0.13 <0.04, 0.32, 0>, 0.10 <0.14, 0.55, -0.03>, 0.105 <0.30, 0.74, -0.05>, 0.135 <0.40, 0.84, -0.06>, 0.14 tolerance 0.001 }
  #for (I, 0, 4)
    sphere { 0, 0.27 scale <1, 0.28, 0.55> rotate z * -12 translate x * 0.16 rotate y * (I * 72 + 10) }
  #end
  texture { Green }
}
union {
  object { Surface(Fx, Fy, Fz, 100, 120) texture { Skin } interior { ior 1.4 } }
  object { Stem translate y * 1.52 }
  rotate y * 40
  rotate x * -6
  translate y * 0.12
}
