// A red and white lighthouse with its keeper's cottage on a grassy headland over the sea.
// Size: 384 x 512. MIT license, like the project.
#include "common.inc"
View(<-5, 2.2, -24>, <0.75, 5.3, 0>, 25, 0, 0)
Sun(<-6, 6, -7>, rgb <1, 0.93, 0.80> * 1.25, 0.01)
Sky(srgb <0.08, 0.28, 0.66>, srgb <0.52, 0.72, 0.92>, 0.22, 3.3)
#declare White = texture { pigment { bozo scale 0.5 color_map { [0 color srgb <0.97, 0.96, 0.94>] [1 color srgb <0.90, 0.89, 0.86>] } } normal { bumps 0.03 scale 0.08 } }
#declare Red = texture { pigment { bozo scale 0.5 color_map { [0 color srgb <0.78, 0.12, 0.09>] [1 color srgb <0.70, 0.09, 0.07>] } } normal { bumps 0.03 scale 0.08 } }
#declare Iron = texture { pigment { color srgb <0.10, 0.11, 0.12> } finish { specular 0.4 roughness 0.03 } }
#declare Pane = texture { pigment { color srgb <0.13, 0.17, 0.21> } finish { specular 0.6 roughness 0.01 reflection 0.3 } }
#declare Rad = function (y) { 1.25 - 0.062 * y }
#declare Tower = union {
  #for (I, 0, 5)
    cone { y * (I * 1.35), Rad(I * 1.35), y * (I * 1.35 + 1.35), Rad(I * 1.35 + 1.35) texture { #if (mod(I, 2)) Red #else White #end } }
  #end
  #for (I, 0, 2)
    box { <-0.16, 0, -0.3>, <0.16, 0.5, 0.1> translate <0, 1.6 + 2.2 * I, -Rad(1.9 + 2.2 * I) + 0.22> rotate y * -16 texture { Pane } }
    box { <-0.22, -0.07, -0.32>, <0.22, 0.0, 0.1> translate <0, 1.6 + 2.2 * I, -Rad(1.9 + 2.2 * I) + 0.22> rotate y * -16 texture { White } }
  #end
  cylinder { y * 8.1, y * 8.3, 1.12 texture { White } }
  cone { y * 7.8, 0.76, y * 8.1, 1.05 texture { White } }
  #for (I, 0, 23) cylinder { <1.06, 8.3, 0>, <1.06, 8.75, 0>, 0.018 rotate y * (I * 15) texture { Iron } } #end
  torus { 1.06, 0.025 translate y * 8.75 texture { Iron } }
  torus { 1.06, 0.018 translate y * 8.53 texture { Iron } }
  cylinder { y * 8.3, y * 8.7, 0.62 texture { White } }
  cylinder { y * 8.7, y * 9.5, 0.56 texture { pigment { color rgb <0.75, 0.85, 0.9> transmit 0.6 } finish { diffuse 0.25 specular 0.9 roughness 0.01 reflection 0.25 } } }
  #for (I, 0, 9) cylinder { <0.57, 8.7, 0>, <0.57, 9.5, 0>, 0.022 rotate y * (I * 36) texture { Iron } } #end
  sphere { y * 9.1, 0.26 scale <1, 1, 1> texture { pigment { color srgb <1, 0.9, 0.55> } finish { emission 0.9 } } }
  cylinder { y * 9.5, y * 9.58, 0.70 texture { Red } }
  intersection { sphere { y * 9.45, 0.68 } plane { -y, -9.55 } texture { Red finish { specular 0.4 roughness 0.04 } } }
  sphere { y * 10.2, 0.09 texture { Iron } } cylinder { y * 10, y * 10.75, 0.02 texture { Iron } }
}
#declare Cottage = union {
  box { <-1.7, -1.2, -0.95>, <1.7, 1.15, 0.95> texture { White } }
  prism { linear_sweep linear_spline -1.65, 1.65, 4, <-0.95, 1.15>, <0.95, 1.15>, <0, 1.95>, <-0.95, 1.15> rotate <-90, 0, 0> rotate z * 0 rotate y * 90 texture { White } }
  #for (K, -1, 1, 2)
    box { <-1.85, 0, 0>, <1.85, 0.08, 1.42> rotate x * -40 translate <0, 1.02, -1.1> scale <1, 1, -K>
      texture { pigment { brick color srgb <0.30, 0.11, 0.08>, color srgb <0.62, 0.24, 0.16> brick_size <0.3, 0.12, 0.2> mortar 0.015 } } }
  #end
  box { <-0.2, 1.5, -0.2>, <0.2, 2.5, 0.2> translate x * 1.1 texture { pigment { brick color srgb <0.7, 0.65, 0.6>, color srgb <0.55, 0.25, 0.18> brick_size <0.2, 0.08, 0.2> mortar 0.012 } } }
  #for (I, -1, 1)
    box { <-0.22, 0.25, -0.97>, <0.22, 0.8, -0.9> translate x * I * 1.05 texture { #if (I = 0) Red #else Pane #end } }
  #end
  box { <-0.22, -1, -0.97>, <0.22, 0.8, -0.9> texture { Red } }
}
#declare Land = function (x, z) { 1.15 * (1 - Step(3.5, 9.5, sqrt(pow(x - 2.2, 2) + pow(0.75 * (z - 1), 2)) + 2.6 * (Fbm(0.35 * x, 1, 0.35 * z) - 0.5))) * 2.6 - 2.5 + 0.35 * (Fbm(0.8 * x, 3, 0.8 * z) - 0.5) }
height_field {
  function 320, 320 { (Land(32 * (x - 0.5), -32 * (y - 0.5)) + 4) / 8 }
  smooth
  translate <-0.5, -0.5, -0.5> scale <32, 8, 32>
  texture {
    slope { y 0.0, 1.0 }
    texture_map {
      [0.86 pigment { granite scale 2 color_map { [0 color srgb <0.30, 0.25, 0.20>] [0.5 color srgb <0.52, 0.45, 0.37>] [1 color srgb <0.66, 0.60, 0.52>] } } normal { granite 0.6 scale 1.5 }]
      [0.94 pigment { function { Fbm(2 * x, 1, 2 * z) * 0.6 + 0.4 * Noise(18 * x, 1, 18 * z) } color_map { [0.2 color srgb <0.20, 0.34, 0.10>] [0.5 color srgb <0.36, 0.48, 0.16>] [0.8 color srgb <0.55, 0.58, 0.26>] } } normal { bumps 0.7 scale 0.06 }]
    }
  }
}
object { Tower translate y * 0.35 }
object { Cottage rotate y * -14 scale 0.85 translate <3.1, 0.9, 0.4> }
plane { y, -1.6
  texture {
    pigment { color srgb <0.05, 0.24, 0.40> }
    normal { function { Fbm(1.1 * x, 3, 1.8 * z) } 0.7 scale 1 }
    finish { diffuse 0.55 specular 0.4 roughness 0.01 reflection { 0.04, 0.5 } }
  }
}
