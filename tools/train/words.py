"""The word lists of the story grammar.

In: nothing. Out: plain tables that plots.py draws from. Every list is our own writing,
so the texts made from it carry the licence of this repository.
"""

GIRLS = """Lily Anna Mia Rose Clara Emma Nora Ida Gerda Ella Maya Ruth Tilly Zoe Alma Greta Hanna Molly
Daisy Lucy Inger Sara Kate June Elsa""".split()
BOYS = """Tom Ben Sam Max Peter Hans Kay Oskar Finn Leo Jack Noah Paul Otto Emil Will Henry Theo Rudy Hugo
Tim Karl Fred Nils Jacob""".split()

# species: (home, food, way of moving, what it is good at, sound, size)
ANIMALS = {
    "rabbit": ("burrow", "carrots", "hopped", "digging", "squeaked", "small"),
    "mouse": ("hole under the floor", "crumbs of cheese", "scurried", "biting through ropes", "squeaked", "tiny"),
    "fox": ("den", "berries", "trotted", "finding the way in the dark", "barked", "clever"),
    "bear": ("cave", "honey", "walked", "carrying heavy things", "growled", "big"),
    "squirrel": ("nest in the oak tree", "nuts", "jumped", "climbing", "chattered", "quick"),
    "hedgehog": ("bed of dry leaves", "mushrooms", "shuffled", "finding things on the ground", "sniffed", "round"),
    "owl": ("hollow tree", "supper", "flew", "seeing in the dark", "hooted", "wise"),
    "duck": ("pond", "bread", "waddled", "swimming", "quacked", "yellow"),
    "frog": ("pond", "flies", "hopped", "jumping", "croaked", "green"),
    "cat": ("basket by the stove", "milk", "crept", "climbing", "purred", "grey"),
    "dog": ("kennel", "bones", "ran", "following a smell", "barked", "brown"),
    "sparrow": ("nest under the roof", "seeds", "flew", "seeing far from the sky", "chirped", "little"),
    "turtle": ("house on its back", "lettuce", "crawled", "waiting quietly", "mumbled", "old"),
    "goat": ("shed", "grass", "climbed", "climbing steep hills", "bleated", "white"),
    "donkey": ("stable", "hay", "trotted", "carrying heavy things", "brayed", "grey"),
    "pony": ("stable", "apples", "galloped", "running", "neighed", "brown"),
    "crow": ("nest in the tall pine", "corn", "flew", "seeing far from the sky", "cawed", "black"),
    "beaver": ("house by the river", "bark", "swam", "building", "splashed", "busy"),
    "mole": ("tunnel", "roots", "crawled", "digging", "sniffed", "shy"),
    "stork": ("nest on the chimney", "fish", "flew", "seeing far from the sky", "clattered", "tall"),
}

TRAITS = "little kind brave curious cheerful clever quiet lonely merry gentle shy lively poor honest".split()
BAD_TRAITS = "proud greedy lazy selfish vain rude".split()

PLACES = """forest|meadow|garden|orchard|valley|field|heath|park|wood|village|marsh|pine forest|rose garden|
market square|birch wood|vineyard""".replace("\n", "").split("|")
HOMES = """a small house at the edge of the forest|a cottage by the sea|a little red house in the village|
an old mill by the river|a farmhouse on the hill|a tiny room under the roof|a white house with a green door|
a snug cottage near the lake|a narrow house in the middle of the town""".replace("\n", "").split("|")

TREASURES = """red ball|silver bell|blue scarf|wooden horse|golden ring|little drum|music box|paper boat|kite|
glass marble|woollen cap|toy soldier|doll|storybook|lantern|silver key|tin whistle|button|red umbrella|
straw hat""".replace("\n", "").split("|")
HIDING = """under a big leaf|behind the old stone wall|between the roots of a tree|at the bottom of the well|
in a bird's nest|under the bridge|in the tall grass|behind the stove|inside an empty barrel|
beside the garden gate|under a pile of hay|on the branch of an apple tree""".replace("\n", "").split("|")
COLOURS = "red blue green yellow white golden silver purple brown pink".split()

FOODS = """apple cake|warm bread|vegetable soup|honey cake|pancakes|berry pie|porridge|plum jam|
ginger biscuits|potato soup""".replace("\n", "").split("|")
INGREDIENTS = {
    "apple cake": ("apples", "flour", "sugar", "eggs"),
    "warm bread": ("flour", "salt", "yeast", "water"),
    "vegetable soup": ("carrots", "onions", "beans", "salt"),
    "honey cake": ("honey", "flour", "eggs", "butter"),
    "pancakes": ("flour", "milk", "eggs", "butter"),
    "berry pie": ("berries", "flour", "butter", "sugar"),
    "porridge": ("oats", "milk", "salt", "honey"),
    "plum jam": ("plums", "sugar", "jars", "water"),
    "ginger biscuits": ("ginger", "flour", "sugar", "butter"),
    "potato soup": ("potatoes", "leeks", "milk", "salt"),
}
SOURCES = {
    "apples": "the orchard",
    "flour": "the mill",
    "sugar": "the shop",
    "eggs": "the hen house",
    "salt": "the cupboard",
    "yeast": "the baker",
    "water": "the well",
    "carrots": "the garden",
    "onions": "the garden",
    "beans": "the field",
    "honey": "the beehive",
    "butter": "the dairy",
    "milk": "the cow",
    "berries": "the forest",
    "oats": "the barn",
    "plums": "the plum tree",
    "jars": "the cellar",
    "ginger": "the market",
    "potatoes": "the field",
    "leeks": "the market",
}
BUILDS = {
    "kite": ("paper", "string", "two thin sticks", "flew high above the trees"),
    "boat": ("an old plank", "a piece of cloth", "a long rope", "sailed across the pond"),
    "bird house": ("a wooden box", "nails", "green paint", "hung in the apple tree"),
    "sledge": ("two boards", "a strong rope", "some wax", "slid down the hill like the wind"),
    "lantern": ("a glass jar", "a candle", "some wire", "shone like a little star"),
    "swing": ("a smooth board", "two ropes", "a strong branch", "went up and down like a bird"),
    "scarecrow": ("an old coat", "straw", "a hat with a hole", "stood in the field and waved in the wind"),
}
FEARS = {
    "the dark": ("lantern", "the night was full of stars", "walk through the dark forest"),
    "the water": ("piece of wood", "the water carried {h} gently", "cross the stream"),
    "thunder": ("warm blanket", "the rain sounded like music", "run home through the storm"),
    "high places": ("rope", "the whole world lay below", "climb the tall tree"),
    "the big dog": ("piece of bread", "the dog only wanted to play", "walk past the gate"),
    "the old house": ("candle", "only a family of mice lived there", "go inside the old house"),
    "strangers": ("small gift", "the stranger had a kind smile", "say good morning to the new neighbour"),
}
TROUBLES = """caught in a net|stuck in a thorn bush|trapped under a fallen branch|stuck in the mud|
shivering in the cold snow|hurt and could not walk|lost and far from home|caught between two stones""".replace(
    "\n", ""
).split("|")
WEATHER = {
    "spring": (
        "the first flowers opened their eyes|the snow melted and the brook began to sing|"
        "the birds came back from the warm countries|the sun shone on the young green leaves"
    ),
    "summer": (
        "the sun shone warm on the corn|the bees hummed in the clover|the days were long and bright|"
        "the roses bloomed along the wall"
    ),
    "autumn": (
        "the leaves turned red and yellow|the wind blew the leaves from the trees|"
        "the apples were ripe and the swallows flew away|a grey mist lay over the fields"
    ),
    "winter": (
        "the snow lay deep upon the ground|the frost painted flowers on the windows|"
        "the pond was frozen hard as glass|the wind howled around the chimney"
    ),
}
MORALS = {
    "help": (
        "those who help others will find help themselves|a small kindness is never lost|even the smallest "
        "friend can be a great help|a kind heart is worth more than gold"
    ),
    "share": (
        "joy grows when it is shared|a thing that is shared is twice as sweet|it is better to share than to "
        "quarrel|two friends can have more fun than one"
    ),
    "brave": (
        "being brave means trying even when you are afraid|many things look terrible only from far away|"
        "a friend's hand makes every heart braver|the first step is the hardest one"
    ),
    "work": (
        "good things take time and patience|many hands make light work|what we make ourselves is the best of "
        "all|those who help with the work may share in the feast"
    ),
    "obey": (
        "it is wise to listen to good advice|a promise must be kept|it is better to tell the truth at once|"
        "those who love us warn us for a reason"
    ),
    "wish": (
        "the best things cannot be wished for|we often have more than we know|it is better to be content with "
        "what we have|gold cannot laugh and gold cannot sing"
    ),
    "home": (
        "the world is wide, but home is best|one must go away to learn how good it is to come home|"
        "the longest road is short with a friend|home is where someone waits for you"
    ),
    "pride": (
        "pride comes before a fall|slow and steady goes far|it is not the fine coat that counts, but the heart|"
        "those who boast the most often win the least"
    ),
    "friend": (
        "a friend is the best treasure of all|we should not judge anyone by the way they look|nobody is too "
        "small to be a friend|it is good to be different"
    ),
    "clever": (
        "a clear head is better than sharp teeth|flattery is a poor guide|a wise word can save the day|"
        "those who dig a pit for others fall into it themselves"
    ),
    "give": (
        "a gift from the heart is the finest gift|it is not the price that makes a gift dear|love is the best "
        "present of all|the smallest gift can bring the greatest joy"
    ),
    "grow": (
        "great things begin very small|patience brings flowers|every seed needs its time|what is cared for "
        "with love will grow"
    ),
}
