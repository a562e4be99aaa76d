// A yellow school bus waiting at the kerb of a leafy street.
// Size: 576 x 400. MIT license, like the project.
#include "common.inc"
View(<-10.5, 2.9, -11.0>, <-0.55, 1.45, 0>, 36, 0, 0)
Sun(<-5, 7, -7>, rgb <1, 0.94, 0.84> * 1.35, 0.012)
Sky(srgb <0.22, 0.46, 0.80>, srgb <0.80, 0.89, 0.96>, 0.44, 1.7)
#declare S = seed(9);
// A box from A to B with edges rounded by R.
#macro Rounded(A, B, R)
  #local P = A + R; #local Q = B - R;
  union {
    box { <A.x, P.y, P.z>, <B.x, Q.y, Q.z> } box { <P.x, A.y, P.z>, <Q.x, B.y, Q.z> } box { <P.x, P.y, A.z>, <Q.x, Q.y, B.z> }
    #for (I, 0, 1) #for (J, 0, 1)
      #local Y = P.y + (Q.y - P.y) * I; #local Z = P.z + (Q.z - P.z) * J; #local X = P.x + (Q.x - P.x) * I; #local Z2 = Z; #local Y2 = P.y + (Q.y - P.y) * J;
      cylinder { <P.x, Y, Z>, <Q.x, Y, Z>, R } cylinder { <X, P.y, Z2>, <X, Q.y, Z2>, R } cylinder { <X, Y2, P.z>, <X, Y2, Q.z>, R }
      sphere { <P.x, Y, Z>, R } sphere { <Q.x, Y, Z>, R }
    #end #end
  }
#end
#declare Yellow = texture { pigment { color srgb <0.98, 0.66, 0.03> } finish { diffuse 0.8 specular 0.5 roughness 0.01 reflection { 0.0, 0.25 fresnel on } conserve_energy } }
#declare Black = texture { pigment { color srgb <0.06, 0.06, 0.065> } finish { diffuse 0.8 specular 0.3 roughness 0.03 } }
#declare Glass = texture { pigment { color srgb <0.05, 0.07, 0.09> } finish { diffuse 0.4 specular 0.8 roughness 0.005 reflection { 0.03, 0.35 } } }
#declare Chrome = texture { pigment { color srgb <0.72, 0.73, 0.75> } finish { diffuse 0.35 specular 0.8 roughness 0.01 reflection 0.45 } }
#macro Wheel(X, Z)
  union {
    torus { 0.36, 0.15 rotate x * 90 scale <1, 1, 1.1> texture { Black } }
    cylinder { z * -0.13, z * 0.13, 0.36 texture { Black } }
    cylinder { z * -0.16, z * 0.16, 0.24 texture { pigment { color srgb <0.55, 0.5, 0.42> } finish { specular 0.3 } } }
    cylinder { z * -0.2, z * 0.2, 0.09 texture { Chrome } }
    #for (I, 0, 7) cylinder { <0.16, 0, -0.18>, <0.16, 0, 0.18>, 0.025 rotate z * I * 45 texture { Black } } #end
    translate <X, 0.5, Z>
  }
#end
#declare W = 1.2;
#declare Bus = union {
  // The body, with arches for the wheels.
  difference {
    object { Rounded(<-2.9, 0.55, -W>, <5.2, 3.1, W>, 0.22) }
    cylinder { <3.1, 0.5, -2>, <3.1, 0.5, 2>, 0.66 }
    texture { Yellow }
  }
  // The bonnet and wings.
  difference {
    union {
      object { Rounded(<-4.75, 0.75, -0.82>, <-2.5, 1.72, 0.82>, 0.2) }
      object { Rounded(<-4.65, 0.6, -1.12>, <-2.6, 1.18, 1.12>, 0.16) }
    }
    cylinder { <-3.75, 0.5, -2>, <-3.75, 0.5, 2>, 0.64 }
    texture { Yellow }
  }
  box { <-4.5, 0.35, -1.0>, <5, 0.75, 1.0> texture { Black } }
  // Windows along the side, and the rails.
  #for (K, -1, 1, 2)
    #for (I, 0, 8)
      object { Rounded(<0, 1.82, -0.02>, <0.70, 2.55, 0.02>, 0.018) texture { Glass } translate <-1.95 + I * 0.78, 0, K * W> }
      box { <0, 2.19, -0.028>, <0.70, 2.215, 0.028> texture { Black } translate <-1.95 + I * 0.78, 0, K * W> }
    #end
    object { Rounded(<-2.74, 1.82, -0.02>, <-2.08, 2.55, 0.02>, 0.018) texture { Glass } translate z * K * W }
    #for (I, 0, 2) box { <-2.75, 0.85 + 0.36 * I, K * W - 0.03>, <5.1, 0.90 + 0.36 * I + 0.02, K * W + 0.03> texture { Black } } #end
    box { <-1.95, 2.62, K * W - 0.02>, <5.0, 2.65, K * W + 0.02> texture { Black } }
  #end
  text { ttf "cyrvetic.ttf" "SCHOOL BUS" 0.05, 0 scale <0.36, 0.30, 1> translate <0.6, 1.36, -W - 0.02> texture { Black } }
  // The windscreen, the sign above it and the warning lamps.
  object { Rounded(<-2.93, 1.78, -1.0>, <-2.88, 2.58, -0.04>, 0.02) texture { Glass } }
  object { Rounded(<-2.93, 1.78, 0.04>, <-2.88, 2.58, 1.0>, 0.02) texture { Glass } }
  box { <-2.95, 2.68, -0.55>, <-2.85, 2.92, 0.55> texture { Black } }
  box { <-2.96, 2.70, -0.53>, <-2.86, 2.90, 0.53> texture { Yellow } }
  text { ttf "cyrvetic.ttf" "SCHOOL BUS" 0.05, 0 scale <0.175, 0.2, 1> rotate y * 90 translate <-2.97, 2.74, 0.5> texture { Black } }
  #for (K, -1, 1, 2)
    sphere { 0, 0.11 scale <0.5, 1, 1> translate <-2.88, 2.80, K * 0.72> texture { pigment { color srgb <0.95, 0.45, 0.05> } finish { specular 0.6 emission 0.15 } } }
    sphere { 0, 0.11 scale <0.5, 1, 1> translate <-2.86, 2.80, K * 0.98> texture { pigment { color srgb <0.80, 0.05, 0.04> } finish { specular 0.6 emission 0.1 } } }
    // Headlamps, mirrors.
    cylinder { <-4.70, 0.96, K * 0.93>, <-4.60, 0.96, K * 0.93>, 0.15 texture { Chrome } }
    sphere { 0, 0.13 scale <0.35, 1, 1> translate <-4.70, 0.96, K * 0.93> texture { pigment { color srgb <0.95, 0.96, 0.98> } finish { specular 0.9 roughness 0.01 reflection 0.15 } } }
    sphere { 0, 0.06 translate <-4.66, 1.14, K * 1.0> texture { pigment { color srgb <0.95, 0.45, 0.05> } } }
    cylinder { <-2.95, 2.4, K * 1.15>, <-3.25, 2.35, K * 1.45>, 0.02 texture { Black } }
    object { Rounded(<-0.05, -0.24, -0.12>, <0.05, 0.24, 0.12>, 0.04) texture { Black } translate <-3.25, 2.25, K * 1.48> }
  #end
  // Grille and bumper.
  box { <-4.78, 0.86, -0.55>, <-4.70, 1.52, 0.55> texture { Black } }
  #for (I, 0, 6) box { <-4.80, 0.89 + 0.092 * I, -0.53>, <-4.72, 0.93 + 0.092 * I, 0.53> texture { Chrome } } #end
  object { Rounded(<-4.95, 0.42, -1.15>, <-4.62, 0.72, 1.15>, 0.06) texture { Black } }
  Wheel(-3.75, -1.0) Wheel(-3.75, 1.0) Wheel(3.1, -1.0) Wheel(3.1, 1.0)
}
object { Bus }
// Road, kerb, pavement and lawn.
plane { y, 0
  texture { pigment { function { 0.5 * Fbm(0.6 * x, 1, 0.6 * z) + 0.5 * Noise(22 * x, 1, 22 * z) } color_map { [0.2 color srgb <0.30, 0.30, 0.31>] [0.8 color srgb <0.48, 0.47, 0.46>] } } normal { bumps 0.4 scale 0.03 } } }
box { <-80, 0, 2.0>, <80, 0.14, 2.3> texture { pigment { color srgb <0.68, 0.66, 0.63> } normal { bumps 0.2 scale 0.05 } } }
box { <-80, 0, 2.3>, <80, 0.13, 4.4> texture { pigment { granite scale 0.5 color_map { [0 color srgb <0.62, 0.60, 0.57>] [1 color srgb <0.74, 0.72, 0.69>] } } } }
box { <-80, 0, 4.4>, <80, 0.16, 90> texture { pigment { function { 0.6 * Fbm(0.5 * x, 1, 0.5 * z) + 0.4 * Noise(9 * x, 1, 9 * z) } color_map { [0.2 color srgb <0.20, 0.34, 0.10>] [0.8 color srgb <0.44, 0.56, 0.20>] } } normal { bumps 0.8 scale 0.08 } } }
#macro Tree(P, W, H)
  union {
    mesh {
      #for (I, 1, 6000)
        #local D = vnormalize(<rand(S) - 0.5, rand(S) - 0.5, rand(S) - 0.5>) * pow(rand(S), 0.3);
        #local Q = <D.x * W * (1 + 0.25 * sin(7 * D.y)), H * 0.62 + D.y * H * 0.40, D.z * W>;
        #local U = vnormalize(<rand(S) - 0.5, rand(S) - 0.2, rand(S) - 0.5>) * W * 0.05;
        #local V = vnormalize(vcross(U, <rand(S), rand(S), rand(S)> - 0.5)) * W * 0.045;
        triangle { Q - U, Q + U, Q + V } triangle { Q - U, Q + U, Q - V }
      #end
      texture { pigment { bozo scale W * 0.3 color_map { [0 color srgb <0.13, 0.27, 0.07>] [1 color srgb <0.34, 0.50, 0.15>] } } }
    }
    cone { 0, W * 0.11, y * H * 0.7, W * 0.05 texture { pigment { color srgb <0.28, 0.21, 0.15> } normal { granite 0.6 } } }
    translate P
  }
#end
#for (I, 0, 9) Tree(<-12 + I * 4.6 + rand(S) * 1.5, 0.1, 9 + rand(S) * 5>, 2.1 + rand(S) * 0.8, 6 + 2 * rand(S)) #end
#for (I, 0, 12) Tree(<-14 + I * 4.2 + rand(S), 0.1, 22 + rand(S) * 8>, 2.6 + rand(S), 6.5 + 3 * rand(S)) #end
