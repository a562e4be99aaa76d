// A stone railway viaduct striding across a green valley.
// Size: 576 x 384. MIT license, like the project.
#include "common.inc"
View(<-19, 2.6, -30>, <1.5, 5.6, 4>, 50, 0, 0)
Sun(<-6, 5.5, -4>, rgb <1, 0.92, 0.78> * 1.5, 0.01)
Sky(srgb <0.16, 0.38, 0.74>, srgb <0.74, 0.85, 0.94>, 0.36, 7.1)
#declare Stone = texture {
  pigment { brick
    pigment { color srgb <0.40, 0.36, 0.30> }
    pigment { cells scale <0.9, 0.45, 0.6> pigment_map {
      [0 granite scale 3 color_map { [0 color srgb <0.46, 0.40, 0.32>] [1 color srgb <0.66, 0.58, 0.46>] }]
      [1 granite scale 3 color_map { [0 color srgb <0.58, 0.51, 0.41>] [1 color srgb <0.80, 0.72, 0.59>] }] } }
    brick_size <0.9, 0.45, 0.6> mortar 0.04 }
  normal { granite 0.25 scale 1.5 }
}
#declare Span = 5.2;
#declare Half = 16;
union {
  difference {
    box { <-Span * Half, -4, -1.3>, <Span * Half, 9.2, 1.3> }
    #for (I, -Half, Half)
      union {
        cylinder { <0, 6.3, -3>, <0, 6.3, 3>, 2.0 }
        box { <-2.0, -6, -3>, <2.0, 6.3, 3> }
        translate x * Span * (I + 0.5)
      }
    #end
  }
  #for (I, -Half, Half)
    #if (I < Half) // Ring of voussoirs, the pier's cap and its foot.
    difference {
      cylinder { <0, 6.3, -1.42>, <0, 6.3, 1.42>, 2.38 }
      cylinder { <0, 6.3, -3>, <0, 6.3, 3>, 2.0 }
      box { <-3, 0, -3>, <3, 6.3, 3> }
      texture { pigment { radial frequency 26 color_map { [0 color srgb <0.38, 0.34, 0.29>] [0.1 color srgb <0.72, 0.65, 0.54>] [0.9 color srgb <0.68, 0.60, 0.49>] [1 color srgb <0.38, 0.34, 0.29>] } rotate x * 90 translate y * 6.3 } normal { granite 0.2 } }
      translate x * Span * (I + 0.5)
    } #end
    box { <-0.78, 6.05, -1.5>, <0.78, 6.35, 1.5> translate x * Span * I }
    box { <-0.85, -4, -1.6>, <0.85, 0.2, 1.6> translate x * Span * I }
  #end
  box { <-Span * Half, 9.2, -1.6>, <Span * Half, 9.5, 1.6> }
  box { <-Span * Half, 9.5, -1.45>, <Span * Half, 10.2, -1.15> }
  box { <-Span * Half, 9.5, 1.15>, <Span * Half, 10.2, 1.45> }
  box { <-Span * Half, 10.2, -1.5>, <Span * Half, 10.32, -1.1> }
  texture { Stone }
  rotate y * -24
}
#declare Field = pigment { function { Fbm(0.5 * x, 1, 0.5 * z) * 0.55 + 0.45 * Noise(5 * x, 1, 5 * z) } color_map { [0.2 color srgb <0.20, 0.33, 0.08>] [0.5 color srgb <0.36, 0.50, 0.13>] [0.8 color srgb <0.56, 0.62, 0.24>] } }
#declare Ground = function (x, z) { -0.4 + 1.3 * (Fbm(0.09 * x, 1, 0.09 * z) - 0.5) + 0.12 * Noise(0.9 * x, 2, 0.9 * z) + 0.04 * max(0, abs(x) - 18) + 9 * Step(20, 90, z) * Fbm(0.03 * x, 5, 0.03 * z) }
height_field {
  function 400, 400 { (Ground(240 * (x - 0.5), -240 * (y - 0.5) + 60) + 4) / 20 }
  smooth
  translate <-0.5, 0, -0.5> scale <240, 20, 240> translate <0, -4, 60>
  texture { pigment { Field } normal { bumps 0.6 scale 0.15 } }
}
#declare S = seed(4);
object { Grass(13, 16000, 0.34, 0.02, 5, srgb <0.26, 0.44, 0.09>, srgb <0.62, 0.63, 0.26>) scale <1, 1, 0.7> translate <-13, Ground(-13, -18), -15> }
// Bushes and trees as clouds of leaves.
#macro Tree(P, W, H)
  #local K = 900;
  union {
    mesh {
      #for (I, 1, K)
        #local D = vnormalize(<rand(S) - 0.5, rand(S) - 0.5, rand(S) - 0.5>) * pow(rand(S), 0.3);
        #local Q = <D.x * W * (1 + 0.3 * sin(7 * D.y)), H * 0.58 + D.y * H * 0.45, D.z * W>;
        #local U = vnormalize(<rand(S) - 0.5, rand(S) - 0.2, rand(S) - 0.5>) * W * 0.12;
        #local V = vnormalize(vcross(U, <rand(S), rand(S), rand(S)> - 0.5)) * W * 0.1;
        triangle { Q - U, Q + U, Q + V } triangle { Q - U, Q + U, Q - V }
      #end
      texture { pigment { bozo scale W * 0.3 color_map { [0 color srgb <0.10, 0.21, 0.05>] [1 color srgb <0.26, 0.40, 0.11>] } } }
    }
    cylinder { 0, y * H * 0.6, W * 0.09 texture { pigment { color srgb <0.25, 0.19, 0.13> } } }
    translate P
  }
#end
#for (I, 0, 26)
  #local X = -40 + I * 4.2 + rand(S) * 3;
  #local Z = 22 + rand(S) * 26;
  Tree(<X, Ground(X, Z) - 0.3, Z>, 1.5 + rand(S), 3.2 + 2.4 * rand(S))
#end
Tree(<4.5, Ground(4.5, -9) - 0.2, -9>, 1.1, 1.9)
Tree(<6.6, Ground(6.6, -8) - 0.2, -8>, 1.4, 2.5)
Tree(<-11, Ground(-11, 1) - 0.2, 1>, 1.5, 2.8)
