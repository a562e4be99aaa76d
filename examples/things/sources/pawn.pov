// One or two pawns of a game of chess. MIT license, like the project.
#include "things.inc"

// Stands on y = 0 with a foot of radius 1; Head is the ball's radius, H the height of its middle.
#macro Pawn(Head, H, Waist)
  #local C = H - Head * 0.85;
  union {
    cylinder { 0, y * 0.22, 1 }
    torus { 1, 0.11 translate y * 0.11 }
    cylinder { y * 0.22, y * 0.36, 0.86 }
    torus { 0.82, 0.08 translate y * 0.36 }
    lathe { cubic_spline 8, <1.2, 0.3>, <0.84, 0.36>, <0.66, 0.52>, <0.52 + Waist * 0.5, 0.8>, <0.36 + Waist, 0.5 + 0.4 * H>, <0.28 + Waist, C - 0.3>, <0.3 + Waist, C>, <0.4, C + 0.4> }
    sphere { 0, 1 scale <0.52 + Waist, 0.1, 0.52 + Waist> translate y * C }
    torus { 0.32 + Waist, 0.07 translate y * (C - 0.15) }
    sphere { y * H, Head }
  }
#end
#macro Thing()
  #local What = mod(Index + floor(rand(S) * 2), 3);
  object {
    Pawn(Between(0.5, 0.6), Between(2.1, 2.7), Between(-0.02, 0.06))
    #if (What = 0) Pick(Woods) Wood(Colour) #end
    #if (What = 1) Pick(Paints) Glaze(Colour, Between(0.2, 1)) #end
    #if (What = 2)
      #if (Chance(0.4)) Pick(Metals) Metal(Colour, Between(0.2, 0.8)) #else Pick(Woods) Wood(Colour) #end
    #end
    interior { ior 1.5 }
  }
#end

#if (mod(Index, 8) = 0)
  #declare Axis = Between(-50, 50);
  object { Thing() rotate y * Between(0, 360) translate x * -1.3 rotate y * Axis }
  object { Thing() rotate y * Between(0, 360) translate x * 1.3 rotate y * Axis }
  Stage(2.4, 1.25, 18, 40)
#else
  object { Thing() rotate y * Between(0, 360) }
  Stage(1.75, 1.45, 18, 40)
#end
