// A granite obelisk on its stepped base, in an empty square under a cloudy sky.
// Size: 320 x 512. MIT license, like the project.
#include "common.inc"
View(<-5, 1.6, -22>, <0, 7.0, 0>, 25, 0, 0)
Sun(<-7, 4.5, -5>, rgb <1, 0.88, 0.68> * 1.35, 0.012)
Sky(srgb <0.20, 0.42, 0.74>, srgb <0.84, 0.87, 0.90>, 0.42, 5.2)
#declare Granite = texture {
  pigment { average pigment_map {
    [1 granite scale 0.25 color_map { [0 color srgb <0.50, 0.36, 0.28>] [0.5 color srgb <0.68, 0.54, 0.44>] [1 color srgb <0.80, 0.68, 0.58>] }]
    [1 bozo scale <1, 3, 1> color_map { [0 color srgb <0.56, 0.44, 0.36>] [1 color srgb <0.74, 0.62, 0.52>] }] } }
  normal { granite 0.15 scale 0.3 }
  finish { diffuse 0.85 specular 0.12 roughness 0.05 }
}
#declare Pale = texture { pigment { granite scale 2 color_map { [0 color srgb <0.62, 0.58, 0.52>] [1 color srgb <0.80, 0.76, 0.70>] } } normal { granite 0.2 } }
#declare Foot = 0.98;
#declare Neck = 0.66;
#declare S = seed(17);
// Columns of signs, cut into each face.
#declare Signs = union {
  #for (F, 0, 3)
    union {
      #for (I, 0, 23)
        #local Y = 3.3 + I * 0.42;
        #local K = floor(rand(S) * 5);
        #local H = 0.15;
        union {
          #if (K = 0) cylinder { <0, 0, -0.05>, <0, 0, 0.05>, H } #end
          #if (K = 1) box { <-H * 1.4, -0.04, -0.05>, <H * 1.4, 0.04, 0.05> } box { <-H * 1.4, 0.1, -0.05>, <H * 1.4, 0.16, 0.05> } #end
          #if (K = 2) box { <-0.04, -H, -0.05>, <0.04, H, 0.05> } cylinder { <0, H, -0.05>, <0, H, 0.05>, 0.08 } #end
          #if (K = 3) prism { -0.05, 0.05, 4, <-H, -H>, <H * 1.3, -H>, <0, H>, <-H, -H> rotate x * -90 } #end
          #if (K = 4) box { <-H * 1.2, -H, -0.05>, <-H * 0.6, H, 0.05> } box { <H * 0.3, -H, -0.05>, <H * 1.2, 0, 0.05> } #end
          translate <-0.0, Y, -(Foot - (Foot - Neck) * (Y - 2.6) / 10.2)>
        }
      #end
      rotate y * 90 * F
    }
  #end
}
#macro Frustum(A, B, Y0, Y1)
  mesh {
    #for (F, 0, 3)
      #local P = vrotate(<-A, Y0, -A>, y * 90 * F); #local Q = vrotate(<A, Y0, -A>, y * 90 * F);
      #local T = vrotate(<-B, Y1, -B>, y * 90 * F); #local U = vrotate(<B, Y1, -B>, y * 90 * F);
      triangle { P, Q, U } triangle { P, U, T }
    #end
    triangle { <-A, Y0, -A>, <A, Y0, -A>, <A, Y0, A> } triangle { <-A, Y0, -A>, <A, Y0, A>, <-A, Y0, A> }
    #if (B > 0.01) triangle { <-B, Y1, -B>, <B, Y1, -B>, <B, Y1, B> } triangle { <-B, Y1, -B>, <B, Y1, B>, <-B, Y1, B> } #end
    inside_vector z
  }
#end
union {
  difference { object { Frustum(Foot, Neck, 2.6, 12.8) } object { Signs } texture { Granite } }
  object { Frustum(Neck, 0.004, 12.8, 14.0) texture { Granite } }
  box { <-1.25, 2.3, -1.25>, <1.25, 2.6, 1.25> texture { Pale } }
  box { <-1.15, 0.95, -1.15>, <1.15, 2.3, 1.15> texture { Granite } }
  box { <-1.45, 0.7, -1.45>, <1.45, 0.95, 1.45> texture { Pale } }
  box { <-2.0, 0.35, -2.0>, <2.0, 0.7, 2.0> texture { Pale } }
  box { <-2.6, 0, -2.6>, <2.6, 0.35, 2.6> texture { Pale } }
  rotate y * 28
}
plane { y, 0
  texture { pigment { brick pigment { color srgb <0.36, 0.33, 0.30> } pigment { bozo color_map { [0 color srgb <0.56, 0.52, 0.47>] [1 color srgb <0.68, 0.63, 0.57>] } } brick_size <1.0, 20, 0.6> mortar 0.03 } normal { bumps 0.15 scale 0.2 } } }
// Town houses around the square.
#for (I, 0, 10)
  #local X = -38 + I * 7.2; #local H = 4.6 + 1.6 * rand(S); #local Z = 42 + 3 * rand(S); #local T = rand(S);
  union {
    box { <0, 0, 0>, <7.2, H, 8> texture { pigment { color srgb (<0.72, 0.60, 0.44> * (1 - T) + <0.80, 0.74, 0.64> * T) } } }
    box { <-0.1, H - 0.1, -0.35>, <7.3, H + 0.15, 8> texture { Pale } }
    prism { 0, 7.2, 4, <0, 0>, <8, 0>, <4, 1.6>, <0, 0> rotate <-90, 0, 0> rotate y * 90 rotate x * 0 translate <0, H + 0.1, 8> texture { pigment { color srgb <0.50, 0.27, 0.18> } } }
    #for (J, 0, 4) #for (K, 0, 1)
      box { <0.55 + J * 1.32, 0.9 + K * 1.9, -0.05>, <1.15 + J * 1.32, 2.1 + K * 1.9, 0.05> texture { pigment { color srgb <0.16, 0.17, 0.19> } finish { reflection 0.1 } } }
    #end #end
    translate <X, 0, Z>
  }
#end
