"""Phrase priors: how people describe everyday photos, written down from general knowledge; no data set was read for it.

`CLOTHING`, `BODY_PARTS` and `SCENE_PHRASES` say where such a thing usually lies: in the box of a person, or in the whole image.
"""

COLOURS = ("black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")

PEOPLE = ("man", "woman", "boy", "girl", "child", "person", "kid", "lady", "guy", "young man", "young woman", "little boy", "little girl",
          "young boy", "young girl", "older man", "toddler", "baby", "player", "rider", "cyclist", "skier", "climber", "runner",
          "dancer", "worker", "teenager", "hiker", "swimmer", "performer", "singer", "football player", "someone", "small child",
          "elderly woman", "bald man", "bearded man", "shirtless man", "blond woman", "athlete", "snowboarder", "surfer")
GROUPS = (
    "people", "two people", "a group of people", "two men", "two women", "men", "women", "children", "two children",
    "kids", "three people", "several people", "a crowd", "players", "a couple", "a group of children", "boys",
    "two boys", "girls", "two girls", "young people", "a family", "friends", "a team", "some men", "a group of men",
    "adults", "students",
)

# words, and where they lie in the box of the person who wears them (x0, y0, x1, y1 as fractions of that box)
CLOTHING = (
    (("hat", "cap", "helmet", "baseball cap", "beanie", "hood", "headband", "cowboy hat", "straw hat"), (.2, 0, .8, .17)),
    (("glasses", "sunglasses", "goggles"), (.3, .07, .7, .14)),
    (("shirt", "t-shirt", "top", "jacket", "sweater", "coat", "tank top", "sweatshirt", "vest", "jersey", "hoodie", "blouse",
      "life jacket", "t shirt"), (.05, .15, .95, .6)),
    ((
        "dress", "suit", "uniform", "outfit", "costume", "clothes", "clothing", "robe", "wetsuit", "swimsuit",
        "bathing suit",
    ), (.03, .12, .97, .9)),
    (("pants", "jeans", "shorts", "skirt", "trousers", "swim trunks"), (.1, .48, .9, .88)),
    (("shoes", "boots", "sneakers", "sandals", "socks"), (.1, .87, .9, 1)),
)
BODY_PARTS = (
    (("head", "face", "his head", "her face", "her head", "his face"), (.2, 0, .8, .25)),
    (("hair", "long hair", "blond hair", "dark hair", "curly hair"), (.2, 0, .8, .22)),
    (("mouth", "tongue"), (.35, .13, .65, .22)),
    (("legs", "his legs", "feet", "bare feet"), (.1, .55, .9, 1)),
    (("arms", "his arms", "her arms", "arm", "shoulders"), (.03, .18, .97, .55)),
    (("back", "chest"), (.1, .18, .9, .55)),
)
PET_PARTS = ((("mouth", "its mouth"), (0, .1, .5, .5)), (("head", "face"), (0, 0, .6, .5)))

# words of places, and where they usually lie in an image
SCENE_PHRASES = (
    ((
        "beach", "field", "park", "street", "city street", "room", "kitchen", "yard", "backyard", "forest", "woods",
        "mountain", "mountains", "city", "town", "market", "restaurant", "store", "stadium", "playground", "garden",
        "farm", "desert", "village", "gym", "classroom", "office", "church", "bar", "stage", "parade", "race", "game",
        "concert", "party", "rink", "skate park", "swimming pool", "pool", "lake", "river", "ocean", "sea", "waterfall",
        "canyon", "cave", "cliff", "rock wall", "bridge", "station", "airport", "building", "house", "crosswalk",
        "alley", "intersection", "highway", "track", "court", "arena", "harbor", "pier", "dock", "countryside",
        "background", "outside", "outdoors", "living room", "bedroom", "a rocky landscape", "an urban area",
        "wooded area", "grassy area", "a snowy landscape", "a shopping mall", "trees", "the city at night", "a rodeo",
        "a basketball game", "a tennis court", "the carnival", "festival",
    ),
     (0, 0, 1, 1)),
    ((
        "grass", "green grass", "snow", "sand", "water", "ground", "floor", "road", "sidewalk", "dirt", "mud", "path",
        "trail", "pavement", "lawn", "hill", "slope", "grassy field", "snowy hill", "dirt road", "ice", "waves",
        "a wave", "shallow water", "leaves", "rocks", "tall grass", "the shore", "carpet", "concrete", "meadow",
        "a snow covered hill", "dirt track", "driveway", "puddle", "surf",
    ), (0, .25, 1, 1)),
    (("sky", "blue sky", "the clouds", "cloudy sky", "sunset"), (0, 0, 1, .5)),
)
# adjectives that do not change what is meant
NEUTRAL_ADJECTIVES = (
    "", "", "", "", "", "large", "small", "little", "big", "old", "young", "colorful", "wooden", "beautiful", "busy",
    "wet",
)
