// Two brown-capped mushrooms in the grass of a dim autumn wood.
// Size: 448 x 448. MIT license, like the project.
#declare Radiosity = 0;
#include "common.inc"
View(<0.2, 1.15, -7>, <0.22, 1.22, 0>, 31, 0, 0)
SoftLamp(<-5, 8, -4>, <0, 1, 0>, 3, rgb <1, 0.96, 0.86> * 1.5)
SoftLamp(<6, 5, 5>, <0, 1, 0>, 2, rgb <1, 0.9, 0.6> * 0.6)
light_source { <1, 1.2, -9> color rgb <1, 0.97, 0.88> * 0.3 shadowless }
light_source { <-2, -6, -3> color rgb <0.9, 0.88, 0.7> * 0.28 shadowless }
sky_sphere { pigment { gradient y color_map { [0 color srgb <0.62, 0.66, 0.50>] [1 color srgb <0.80, 0.86, 0.70>] } } }
// Out of focus woods.
plane { z, 14 pigment { function { Fbm(0.28 * x, 0.16 * y, 3) * 0.8 + 0.2 * Noise(1.1 * x, 0.9 * y, 1) - 0.02 * y } color_map { [0.25 color srgb <0.08, 0.11, 0.04>] [0.5 color srgb <0.22, 0.26, 0.08>] [0.62 color srgb <0.40, 0.38, 0.14>] [0.75 color srgb <0.62, 0.60, 0.30>] } } finish { diffuse 0 emission 1.1 } no_shadow }
#declare S = seed(21);
#macro Mushroom(R, H, Lean)
  #local CapX = function (u, v) { R * sin(pi * 0.52 * u) * cos(2 * pi * v) * (1 + 0.02 * sin(6 * pi * v)) }
  #local CapY = function (u, v) { 0.62 * R * cos(pi * 0.52 * u) + 0.015 * sin(10 * pi * v) * u }
  #local CapZ = function (u, v) { R * sin(pi * 0.52 * u) * sin(2 * pi * v) * (1 + 0.02 * sin(6 * pi * v)) }
  union {
    object { Surface(CapX, CapY, CapZ, 40, 60)
      texture {
        pigment { function { min(1, max(0, sqrt(x * x + z * z) / R + 0.35 * (Fbm(3 * x, 3 * y, 3 * z) - 0.5))) } color_map { [0 color srgb <0.42, 0.17, 0.06>] [0.6 color srgb <0.52, 0.24, 0.09>] [1 color srgb <0.80, 0.55, 0.30>] } }
        normal { bumps 0.05 scale 0.2 }
        finish { diffuse 0.8 specular 0.35 roughness 0.03 }
      } }
    // Gills.
    cone { y * -0.03 * R, R * 0.97, y * 0.16 * R, 0.2 * R open texture { pigment { radial frequency 90 color_map { [0 color srgb <0.76, 0.69, 0.55>] [0.5 color srgb <0.96, 0.92, 0.82>] [1 color srgb <0.76, 0.69, 0.55>] } } normal { radial 0.2 frequency 90 } } }
    // Stem.
    sphere_sweep { cubic_spline 7 <Lean, -H * 1.2, 0>, 0.30 * R <Lean, -H, 0>, 0.32 * R <Lean * 0.8, -H * 0.8, 0>, 0.29 * R <Lean * 0.4, -H * 0.5, 0>, 0.22 * R <Lean * 0.1, -H * 0.2, 0>, 0.18 * R <0, 0.1 * R, 0>, 0.14 * R <0, 0.3 * R, 0>, 0.14 * R tolerance 0.001
      texture { pigment { bozo scale <0.08, 0.6, 0.08> color_map { [0 color srgb <0.96, 0.93, 0.84>] [1 color srgb <0.84, 0.78, 0.64>] } } normal { bozo 0.4 scale <0.05, 0.4, 0.05> } } }
    translate <-Lean, H, 0>
  }
#end
object { Mushroom(1.25, 1.5, 0.1) rotate <7, 0, -4> translate <-0.35, 0, 0> }
object { Mushroom(0.62, 0.78, -0.12) rotate <9, 0, 7> translate <1.32, 0, -0.5> }
plane { y, 0 texture { pigment { function { Fbm(2 * x, 1, 2 * z) } color_map { [0.3 color srgb <0.11, 0.12, 0.04>] [0.6 color srgb <0.24, 0.24, 0.09>] [0.8 color srgb <0.36, 0.26, 0.13>] } } normal { bumps 0.8 scale 0.1 } } }
object { Grass(4.4, 7000, 0.34, 0.016, 3, srgb <0.30, 0.52, 0.10>, srgb <0.60, 0.66, 0.24>) scale <1, 1, 0.9> translate z * -0.6 }
object { Grass(5, 5000, 0.5, 0.02, 8, srgb <0.20, 0.33, 0.08>, srgb <0.46, 0.46, 0.18>) translate z * 7 }
// Fallen leaves.
#for (I, 1, 26)
  object {
    Leaf(0.55, 0.2 + 0.4 * rand(S), 0.2 * rand(S), srgb <0.78, 0.50, 0.16>, srgb <0.40 + 0.2 * rand(S), 0.18 + 0.1 * rand(S), 0.05>)
    scale 0.5 + 0.25 * rand(S)
    rotate <rand(S) * 30 - 15, rand(S) * 360, rand(S) * 20 - 10>
    translate <rand(S) * 6 - 3, 0.13, -1.9 + rand(S) * 5>
  }
#end
