// A ladybug walking along a green leaf.
// Size: 512 x 384. MIT license, like the project.
#include "common.inc"
View(<-1.6, 3.6, -6.2>, <0.1, 0.2, 0>, 42, 0, 0)
SoftBox(<-4, 7, -3>, <0, 0, 0>, 2.5, rgb <1, 0.98, 0.9> * 1.15, rgb 1.6)
SoftLamp(<6, 4, 4>, <0, 0, 0>, 2.5, rgb <0.9, 1, 0.7> * 0.4)
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.34, 0.46, 0.18>] [1 color srgb <0.80, 0.88, 0.70>] } } }
plane { y, -4 pigment { function { Fbm(0.35 * x, 1, 0.35 * z) } color_map { [0.25 color srgb <0.10, 0.22, 0.05>] [0.5 color srgb <0.26, 0.42, 0.12>] [0.75 color srgb <0.52, 0.66, 0.26>] } } finish { diffuse 0 emission 0.9 } no_shadow }
object { Leaf(0.62, 0.22, 0.05, srgb <0.58, 0.72, 0.30>, srgb <0.26, 0.48, 0.12>) translate <-0.47, 0, 0> scale 9 rotate <-6, -24, 0> translate <0.1, -0.52, 0.25> }
#declare Black = texture { pigment { color srgb <0.03, 0.03, 0.03> } finish { diffuse 0.7 specular 0.6 roughness 0.015 reflection { 0.0, 0.2 } } }
#declare D = function (x, z, a, b, c) { sqrt(pow(x - a, 2) + pow(abs(z) - b, 2)) - c }
// The dark parts of the wing cases: the seam and seven spots.
#declare Dark = function (x, z) { min(abs(z) - 0.012, min(D(x, z, -0.74, 0, 0.15), min(D(x, z, -0.38, 0.52, 0.17), min(D(x, z, 0.12, 0.34, 0.19), min(D(x, z, 0.32, 0.78, 0.14), D(x, z, 0.62, 0.30, 0.14)))))) }
#declare Shell = texture {
  pigment { function { Step(-0.012, 0.012, Dark(x, z)) } color_map { [0 color srgb <0.03, 0.02, 0.02>] [1 color srgb <0.72, 0.09, 0.02>] } }
  finish { diffuse 0.8 specular 0.8 roughness 0.006 reflection { 0.02, 0.3 } conserve_energy }
}
#declare Legs = union {
  #for (K, -1, 1, 2) #for (I, 0, 2)
    #local A = radians(55 + 35 * I) ;
    sphere_sweep { linear_spline 4, <-0.55 + 0.45 * I, 0.18, K * 0.55>, 0.075 <-0.62 + 0.5 * I - 0.45 * cos(A), 0.22, K * 1.02>, 0.06 <-0.62 + 0.5 * I - 0.7 * cos(A), -0.05, K * 1.22>, 0.04 <-0.62 + 0.5 * I - 0.95 * cos(A), -0.08, K * 1.30>, 0.035 }
  #end #end
  texture { Black }
}
union {
  // Wing cases, a little flattened underneath.
  intersection { sphere { 0, 1 scale <1.12, 0.84, 0.98> } plane { -y, -0.02 } texture { Shell } interior { ior 1.5 } }
  cylinder { 0, y * 0.05, 1 scale <1.08, 1, 0.94> texture { Black } }
  // Neck shield with its white corners.
  sphere { 0, 1 scale <0.42, 0.40, 0.62> translate <-0.92, 0.20, 0>
    texture { pigment { function { Step(-0.02, 0.02, sqrt(pow(x + 1.15, 2) + pow(abs(z) - 0.44, 2)) - 0.19) } color_map { [0 color srgb <0.95, 0.93, 0.85>] [1 color srgb <0.03, 0.03, 0.03>] } } finish { diffuse 0.75 specular 0.7 roughness 0.01 reflection { 0.0, 0.2 } } } }
  sphere { 0, 1 scale <0.26, 0.24, 0.34> translate <-1.28, 0.12, 0> texture { Black } }
  #for (K, -1, 1, 2)
    sphere { <-1.38, 0.20, K * 0.22>, 0.075 texture { pigment { color srgb <0.94, 0.92, 0.85> } } }
    sphere_sweep { cubic_spline 6, <-1.35, 0.1, K * 0.1>, 0.03 <-1.45, 0.12, K * 0.16>, 0.03 <-1.62, 0.20, K * 0.32>, 0.026 <-1.74, 0.19, K * 0.5>, 0.035 <-1.78, 0.16, K * 0.58>, 0.05 <-1.8, 0.15, K * 0.6>, 0.04 tolerance 0.001 texture { Black } }
  #end
  object { Legs }
  rotate y * 28
  translate <0.1, 0.12, 0>
}
