// A glowing jellyfish with trailing arms in deep blue water.
// Size: 384 x 512. MIT license, like the project.
#declare Radiosity = 0;
#include "common.inc"
View(<0, -0.6, -9>, <0, -0.75, 0>, 30, 0, 0)
light_source { <3, 10, -2> color rgb <0.7, 0.8, 1> * 1.1 }
light_source { <-6, 2, -6> color rgb <0.35, 0.45, 0.9> * 0.5 }
plane { z, 14 hollow
  pigment { function { min(1, max(0, 0.5 + y / 12 + 0.35 * exp(-(x * x + (y - 4) * (y - 4)) / 20) + 0.08 * (Fbm(0.35 * x, 0.35 * y, 1) - 0.5))) }
    color_map { [0 color srgb <0.00, 0.03, 0.28>] [0.5 color srgb <0.01, 0.12, 0.55>] [1 color srgb <0.06, 0.36, 0.88>] } }
  finish { ambient 0 diffuse 0 emission 1 }
}
// The bell: seen edge on it is bright, seen face on it is clear.
#declare Veil = texture {
  pigment { aoi color_map { [0.5 color rgbt <1.0, 0.66, 0.58, 0.02>] [0.62 color rgbt <1.0, 0.38, 0.32, 0.40>] [0.8 color rgbt <0.9, 0.24, 0.34, 0.70>] [1 color rgbt <0.8, 0.2, 0.4, 0.80>] } }
  finish { diffuse 0.5 emission 0.45 specular 0.5 roughness 0.02 }
}
#declare Wave = function (v) { sin(2 * pi * 16 * v) }
#declare Fr = function (u, v) { 1.55 * sin(pi * 0.58 * u) * (1 + 0.025 * Wave(v) * u * u) }
#declare Fx = function (u, v) { Fr(u, v) * cos(2 * pi * v) }
#declare Fy = function (u, v) { 1.25 * cos(pi * 0.58 * u) + 0.04 * Wave(v) * pow(u, 6) }
#declare Fz = function (u, v) { Fr(u, v) * sin(2 * pi * v) }
#declare Gx = function (u, v) { 0.8 * Fx(u, v) }
#declare Gy = function (u, v) { 0.72 * Fy(u, v) + 0.12 }
#declare Gz = function (u, v) { 0.8 * Fz(u, v) }
#declare Bell = union {
  object { Surface(Fx, Fy, Fz, 50, 160) texture { Veil } }
  object { Surface(Gx, Gy, Gz, 40, 120) texture { Veil } }
  // Radial canals and the four rings of the gonads.
  #for (I, 0, 31)
    sphere_sweep { cubic_spline 8
      #for (K, 0, 7) #local U = 0.1 + 0.9 * K / 7; , <Fr(U, I / 32) * cos(2 * pi * I / 32), Fy(U, I / 32), Fr(U, I / 32) * sin(2 * pi * I / 32)> * 0.985, 0.012 #end
      texture { pigment { color rgbt <1, 0.7, 0.65, 0.35> } finish { diffuse 0.3 emission 0.55 } } }
  #end
  #for (I, 0, 3)
    torus { 0.28, 0.075 scale <1, 1, 0.7> translate <0.42, 0.62, 0> rotate y * (I * 90 + 20)
      texture { pigment { color rgbt <1, 0.62, 0.55, 0.2> } finish { diffuse 0.4 emission 0.6 } } }
  #end
  no_shadow
}
#declare S = seed(11);
#declare Arms = union {
  // Frilled arms in the middle.
  #for (I, 0, 5)
    #local A = 2 * pi * I / 6 + 0.3;
    #local Ph = rand(S) * 6;
    #local Len = 2.9 + rand(S);
    #for (K, 0, 150)
      #local U = K / 150;
      #local W = (1 - U) * 0.13 + 0.03;
      #local C = <0.30 * cos(A) * (1 + U) + 0.22 * sin(3.5 * U * 1.6 + Ph) * U, 0.35 - Len * U, 0.30 * sin(A) * (1 + U)>;
      sphere { 0, W scale <1.3, 0.5, 0.6> rotate <rand(S) * 60, 0, rand(S) * 100 - 50> translate C + <sin(K * 1.3), 0, cos(K * 1.3)> * W * 0.7 }
    #end
  #end
  texture { pigment { color rgbt <1.0, 0.42, 0.30, 0.62> } finish { diffuse 0.35 emission 0.32 specular 0.2 } }
  no_shadow
}
#declare Threads = union {
  #for (I, 0, 27)
    #local A = 2 * pi * I / 28;
    #local Ph = rand(S) * 6;
    #local Len = 2.6 + 2.2 * rand(S);
    sphere_sweep { cubic_spline 12
      #for (K, 0, 11)
        #local U = (K - 1) / 10;
        , <1.48 * cos(A) * (1 - 0.25 * U) + 0.34 * sin(6 * U + Ph) * U, -0.3 - Len * U, 1.48 * sin(A) * (1 - 0.25 * U) + 0.3 * cos(5 * U + Ph) * U>, 0.018 * (1.3 - U)
      #end
      tolerance 0.01 }
  #end
  texture { pigment { color rgbt <1, 0.52, 0.45, 0.45> } finish { diffuse 0.3 emission 0.4 } }
  no_shadow
}
union {
  object { Bell } object { Arms } object { Threads }
  rotate <-14, 0, 12>
  translate <-0.1, 0.55, 0>
}
// Drifting specks.
#for (I, 1, 70)
  sphere { <rand(S) * 8 - 4, rand(S) * 9 - 5, rand(S) * 6 - 2>, 0.008 + 0.012 * rand(S) texture { pigment { color rgbt <0.7, 0.85, 1, 0.5> } finish { emission 0.7 diffuse 0 } } no_shadow }
#end
