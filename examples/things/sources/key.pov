// One or two keys of the old kind, lying. MIT license, like the project.
#include "things.inc"

// Lies in the plane y = 0 along x, about 4 long: Bow 0 a ring, 1 a clover, 2 an oval, 3 a disc with a hole; Cut chooses the notches.
#macro Key(Bow, Cut, Long)
  union {
    #switch (Bow)
      #case (0) torus { 0.62, 0.15 translate x * -0.75 } #break
      #case (1)
        #for (I, 0, 2) torus { 0.32, 0.12 translate x * -0.37 rotate y * (120 * I) translate x * -0.7 } #end
      #break
      #case (2) torus { 0.62, 0.15 scale <0.72, 1, 1.25> translate x * -0.6 } #break
      #else
        difference {
          union { cylinder { y * -0.12, y * 0.12, 0.72 } torus { 0.72, 0.12 } }
          cylinder { y * -1, y, 0.3 }
          translate x * -0.75
        }
    #end
    sphere { 0, 0.24 }
    torus { 0.17, 0.08 rotate z * 90 translate x * 0.3 }
    cylinder { 0, x * Long, 0.14 }
    torus { 0.15, 0.06 rotate z * 90 translate x * (Long - 0.95) }
    sphere { x * Long, 0.14 }
    difference {
      box { <Long - 0.72, -0.085, 0.05>, <Long - 0.06, 0.085, 0.82> }
      #if (Cut = 0) box { <Long - 0.47, -1, 0.45>, <Long - 0.31, 1, 1> } #end
      #if (Cut = 1) box { <Long - 0.56, -1, 0.55>, <Long - 0.44, 1, 1> } box { <Long - 0.34, -1, 0.4>, <Long - 0.22, 1, 1> } #end
      #if (Cut = 2) box { <Long - 0.55, -1, 0.3>, <Long - 0.23, 1, 0.45> } box { <Long - 0.45, -1, 0.4>, <Long - 0.33, 1, 1> } #end
    }
    translate x * (1.3 - Long) / 2
  }
#end
#macro Thing()
  object {
    Key(floor(rand(S) * 4), floor(rand(S) * 3), Between(1.9, 2.6))
    #if (Chance(0.7)) Pick(Metals) Metal(Colour, Between(0.1, 0.7)) #else Pick(Paints) Glaze(Colour, Between(0.3, 1)) #end
    rotate x * (Chance(0.5) ? 0 : 180)
    translate y * 0.22
  }
#end

#if (mod(Index, 8) = 0)
  #declare Axis = Between(0, 360);
  object { Thing() rotate y * Between(-5, 5) translate z * -1.05 rotate y * Axis }
  object { Thing() rotate y * (Between(-5, 5) + (Chance(0.5) ? 180 : 0)) translate z * 1.05 rotate y * Axis }
  Stage(2.2, 0.1, 45, 75)
#else
  object { Thing() rotate y * Between(0, 360) }
  Stage(1.85, 0.1, 45, 75)
#end
