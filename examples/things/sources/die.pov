// One or two dice. MIT license, like the project.
#include "things.inc"

#declare Spots = array[6] {
  array[1] { <0, 0> }, array[2] { <-1, -1>, <1, 1> }, array[3] { <-1, 1>, <0, 0>, <1, -1> }, array[4] { <-1, -1>, <-1, 1>, <1, -1>, <1, 1> },
  array[5] { <-1, -1>, <-1, 1>, <0, 0>, <1, -1>, <1, 1> }, array[6] { <-1, -1>, <-1, 0>, <-1, 1>, <1, -1>, <1, 0>, <1, 1> }
}
// Turns that bring the face of 1, 2, ... 6 from the top to its side: opposite faces add up to 7.
#declare Sides = array[6] { <0, 0, 0>, <0, 0, 90>, <90, 0, 0>, <-90, 0, 0>, <0, 0, -90>, <180, 0, 0> }

// A cube of edge 2 about the origin, its edges rounded to the radius E, its corners ground off at the distance Ball.
#macro Die(Paint, Ink, Pip, E, Ball, Gloss)
  #local I = 1 - E;
  difference {
    intersection {
      union {
        box { -<1, I, I>, <1, I, I> } box { -<I, 1, I>, <I, 1, I> } box { -<I, I, 1>, <I, I, 1> }
        #for (A, -1, 1, 2) #for (B, -1, 1, 2)
          cylinder { <-1, A, B> * I, <1, A, B> * I, E } cylinder { <A, -1, B> * I, <A, 1, B> * I, E } cylinder { <A, B, -1> * I, <A, B, 1> * I, E }
          sphere { <-1, A, B> * I, E } sphere { <1, A, B> * I, E }
        #end #end
      }
      sphere { 0, Ball }
      Glaze(Paint, Gloss)
    }
    union {
      #for (F, 0, 5)
        union {
          #for (K, 0, F)
            #local P = Spots[F][K];
            sphere { <P.u * 0.5, 1 + Pip * 0.5, P.v * 0.5>, Pip * (F = 0 ? 1.3 : 1) }
          #end
          bounded_by { box { <-0.8, 0.7, -0.8>, <0.8, 1.5, 0.8> } }
          rotate Sides[F]
        }
      #end
      Glaze(Ink, Gloss * 0.6)
    }
    interior { ior 1.5 }
  }
#end
// Unseen boxes, below the spots and along the edges, that throw the die's shadow ten times sooner than its many parts do.
#declare Caster = union {
  box { -0.78, 0.78 }
  #for (A, -1, 1, 2) #for (B, -1, 1, 2)
    box { <-0.82, 0.83 * A - 0.07, 0.83 * B - 0.07>, <0.82, 0.83 * A + 0.07, 0.83 * B + 0.07> }
    box { <0.83 * A - 0.07, -0.82, 0.83 * B - 0.07>, <0.83 * A + 0.07, 0.82, 0.83 * B + 0.07> }
    box { <0.83 * A - 0.07, 0.83 * B - 0.07, -0.82>, <0.83 * A + 0.07, 0.83 * B + 0.07, 0.82> }
  #end #end
  no_image no_reflection no_radiosity
}
#macro Thing()
  Pick(Paints)
  #local Ink = srgb <0.82, 0.94, 0.9>;
  #if (Colour.gray > 0.35) #local Ink = srgb <0.1, 0.1, 0.12>; #end
  #if (Colour.gray > 0.5 & Chance(0.3)) #local Ink = srgb <0.7, 0.12, 0.12>; #end
  union {
    object { Die(Colour, Ink, Between(0.19, 0.25), Between(0.12, 0.32), Between(1.5, 1.8), Between(0.3, 1)) no_shadow }
    object { Caster }
    rotate Sides[floor(rand(S) * 6)]
    translate y
  }
#end

#if (mod(Index, 8) = 0)
  #declare Axis = Between(-50, 50);
  object { Thing() rotate y * Between(0, 90) translate x * -1.6 rotate y * Axis }
  object { Thing() rotate y * Between(0, 90) translate x * Between(1.3, 1.7) rotate y * Axis }
  Stage(2.6, 0.85, 25, 50)
#else
  object { Thing() rotate y * Between(12, 78) }
  Stage(1.65, 0.95, 25, 50)
#end
