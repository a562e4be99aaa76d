// One or two mugs, empty or filled. MIT license, like the project.
#include "things.inc"

// Stands on y = 0: radii at the foot, the middle and the rim, the height and the wall's thickness.
#macro Mug(Foot, Belly, Rim, H, T, Handle, Outside, Loop, Inside, Drink)
  union {
    lathe { cubic_spline 11, <-0.2, 0>, <0, 0>, <Foot * 0.5, 0>, <Foot * 0.9, 0.0>, <Foot * 0.985, 0.07>, <Foot + (Belly - Foot) * 0.35, 0.2 * H>, <Foot + (Belly - Foot) * 0.85, 0.38 * H>, <Belly, 0.55 * H>, <Rim + (Belly - Rim) * 0.35, 0.8 * H>, <Rim, H>, <Rim, 1.2 * H> texture { Outside } }
    torus { Rim - T / 2, T / 2 translate y * H texture { Outside } }
    lathe { cubic_spline 9, <Rim - T, 1.2 * H>, <Rim - T, H>, <Rim + (Belly - Rim) * 0.35 - T, 0.8 * H>, <Belly - T, 0.55 * H>, <Foot + (Belly - Foot) * 0.85 - T, 0.38 * H>, <(Foot - T) * 0.95, 0.17 * H>, <Foot * 0.6, 0.1>, <0, 0.1>, <-0.2, 0.1> texture { Inside } }
    #if (Drink.filter < 0.5)
      disc { y * H * 0.84, y, Rim + (Belly - Rim) * 0.28 - T * 0.9 texture { pigment { color Drink } finish { diffuse 0.8 specular 0.3 roughness 0.02 reflection { 0.01, 0.3 fresnel on } conserve_energy } } }
    #end
    // The handle: a flattened tube along half an oval, on the +x side.
    #local Wide = 0.62 * Handle; #local High = 0.31 * H; #local Mid = 0.53 * H;
    #local Low = Foot + (Belly - Foot) * 0.4 - T * 0.6; #local Top = Rim + (Belly - Rim) * 0.28 - T * 0.6; // its ends, inside the wall
    #local Px = function (u) { Low + (Top - Low) * u + Wide * pow(max(0, sin(pi * u)), 0.7) }
    #local Py = function (u) { Mid - High * cos(pi * u) }
    #local Thick = function (u) { 0.105 + 0.05 * pow(2 * u - 1, 4) }
    #local Nx = function (u) { sin(pi * u) }
    #local Ny = function (u) { -cos(pi * u) }
    #local Fx = function (u, v) { Px(u) + Thick(u) * cos(2 * pi * v) * Nx(u) }
    #local Fy = function (u, v) { Py(u) + Thick(u) * cos(2 * pi * v) * Ny(u) }
    #local Fz = function (u, v) { 1.5 * Thick(u) * sin(2 * pi * v) }
    object { Surface(Fx, Fy, Fz, 40, 20) texture { Loop } }
  }
#end
#declare Drinks = array[6] { srgb <0.20, 0.10, 0.05>, srgb <0.70, 0.50, 0.33>, srgb <0.52, 0.24, 0.07>, srgb <0.35, 0.20, 0.13>, rgbf 1, rgbf 1 } // the clear ones: none
#macro Thing()
  Pick(Paints)
  #local First = Colour;
  Pick(Paints)
  #local Second = Colour;
  #local H = Between(1.8, 2.4);
  #local Gloss = Between(0.2, 1);
  #local Line = H * Between(0.35, 0.65);
  #local Fine = finish { diffuse 0.8 specular 0.25 + 0.3 * Gloss roughness 0.02 reflection { 0.01, 0.3 * Gloss fresnel on } conserve_energy }
  #local Loop = Glaze(First, Gloss)
  #local Speck = function (x, y, z) { Noise(14 * x, 14 * y, 14 * z) }
  #switch (floor(rand(S) * 4))
    #case (0)
      #local Outside = Glaze(First, Gloss)
    #break
    #case (1) // dipped
      #local Outside = texture { pigment { gradient y scale 4 color_map { [Line / 4 color First] [Line / 4 color Second] } } finish { Fine } }
      #local Loop = Outside
    #break
    #case (2) // a band
      #local Outside = texture { pigment { gradient y scale 4 color_map { [(Line - 0.18) / 4 color First] [(Line - 0.18) / 4 color Second] [(Line + 0.18) / 4 color Second] [(Line + 0.18) / 4 color First] } } finish { Fine } }
    #break
    #else // speckled
      #local Outside = texture { pigment { function { Speck(x, y, z) } color_map { [0.2 color First * 0.35 + 0.03] [0.25 color First] [1 color First] } } finish { Fine } }
  #end
  #local Within = First;
  #if (Chance(0.6)) #local Within = srgb <0.94, 0.93, 0.89>; #end
  #local Inside = Glaze(Within, Gloss)
  #local Foot = Between(0.82, 0.98);
  object { Mug(Foot, Between(0.95, 1.08), Between(0.95, 1.05), H, 0.1, Between(0.85, 1.15), Outside, Loop, Inside, OneOf(Drinks)) interior { ior 1.5 } translate x * -0.25 }
#end
// The handle to the left or the right, to the fore or behind, never hidden.
#macro Turn() rotate y * (Between(-35, 60) + (Chance(0.5) ? 0 : 125)) #end

#if (mod(Index, 8) = 0)
  #declare Axis = Between(-40, 40);
  object { Thing() Turn() translate x * -1.65 rotate y * Axis }
  object { Thing() Turn() translate x * 1.65 rotate y * Axis }
  Stage(2.65, 0.95, 20, 45)
#else
  object { Thing() Turn() }
  Stage(1.75, 1.0, 20, 45)
#end
