"""The story grammar: characters, and how a template becomes text.

In: a random.Random and templates. Out: names and pronouns for a story, and finished sentences.
In a template, [a|b|c] picks one, and {name} takes a value from the cast (a dict of names, pronouns
and things). Nothing here is copied from a book.
"""

import random
import re

from words import ANIMALS, BOYS, COLOURS, FOODS, GIRLS, HIDING, HOMES, MORALS, PLACES, TRAITS, TREASURES, WEATHER

CHOICE = re.compile(r"\[([^\[\]]*)\]")


def expand(text: str, cast: dict, rng: random.Random) -> str:
    """Picks the innermost choices until none is left, then fills in the names."""
    while True:
        found = CHOICE.search(text)
        if not found:
            break
        text = text[: found.start()] + rng.choice(found.group(1).split("|")) + text[found.end() :]
    return text.format(**cast)


SPEECH = "said|asked|cried|thought|whispered|sobbed|called|" + "|".join(sorted({a[4] for a in ANIMALS.values()}))
TAG = rf"(?:(?:he|she|they) )?(?:{SPEECH})\b"


def tidy(text: str) -> str:
    """Articles before vowels, commas before "said", capitals at the start of sentences, no doubled spaces."""
    text = re.sub(r"\s+", " ", text).strip()
    text = text.replace('?,"', '?"').replace('!,"', '!"')
    text = re.sub(rf'\."(?= {TAG})', ',"', text)
    text = re.sub(r"\b([Aa]) (?=[aeiou](?!ne\b)|honest)", r"\1n ", text)
    text = re.sub(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), text)
    return re.sub(rf'([.!?]" )(?!{TAG})([a-z])', lambda m: m[1] + m[2].upper(), text)


def person(rng: random.Random, girl: bool | None = None) -> dict:
    girl = rng.random() < 0.5 if girl is None else girl
    name = rng.choice(GIRLS if girl else BOYS)
    he, him, his = ("she", "her", "her") if girl else ("he", "him", "his")
    trait = rng.choice(TRAITS)
    noun = "girl" if girl else "boy"
    return {
        "h": name,
        "he": he,
        "him": him,
        "his": his,
        "a": f"a {trait} {noun} named {name}",
        "child": noun,
        "home": rng.choice(HOMES),
        "move": rng.choice(("walked", "ran", "went")),
        "say": "said",
    }


def animal(rng: random.Random, species: str | None = None, trait: str | None = None) -> dict:
    species = species or rng.choice(list(ANIMALS))
    home, food, move, skill, sound, looks = ANIMALS[species]
    he, him, his = rng.choice((("she", "her", "her"), ("he", "him", "his")))
    trait = trait or rng.choice([*TRAITS, looks])
    return {
        "h": f"the {species}",
        "he": he,
        "him": him,
        "his": his,
        "a": f"a {trait} {species}",
        "child": species,
        "home": f"a {home}",
        "move": move,
        "say": sound,
        "food": food,
        "skill": skill,
        "species": species,
    }


def add(cast: dict, prefix: str, other: dict) -> dict:
    """Puts another character into the cast: friend's pronoun is {f_he}, helper's {g_he}."""
    cast.update({f"{prefix}_{key}": value for key, value in other.items()})
    return cast


def scene(rng: random.Random, folk: str = "any") -> dict:
    """The hero, a friend, a helper of different kinds, a season and some things."""
    hero = person(rng) if folk == "person" or (folk == "any" and rng.random() < 0.6) else animal(rng)
    kinds = [k for k in ANIMALS if k != hero.get("species")]
    rng.shuffle(kinds)
    cast = dict(hero)
    add(cast, "f", animal(rng, kinds[0]))
    add(cast, "g", animal(rng, kinds[1]))
    add(cast, "k", animal(rng, kinds[2]))
    season = rng.choice(list(WEATHER))
    place, place2 = rng.sample(PLACES, 2)
    thing, thing2 = rng.sample(TREASURES, 2)
    cast.update(
        season=season,
        weather=rng.choice(WEATHER[season].split("|")),
        place=place,
        place2=place2,
        thing=thing,
        thing2=thing2,
        hid=rng.choice(HIDING),
        colour=rng.choice(COLOURS),
        food=rng.choice(FOODS),
        elder=rng.choice(("mother", "grandmother", "father", "grandfather")),
    )
    cast["e_he"] = "she" if "mother" in cast["elder"] else "he"
    cast["e_his"] = "her" if "mother" in cast["elder"] else "his"
    return cast


def moral(cast: dict, kind: str, rng: random.Random) -> str:
    """A lesson, some of the time; else a quiet ending."""
    cast["moral"] = rng.choice(MORALS[kind].split("|"))
    if rng.random() < 0.55:
        return (
            "[{h} never forgot that {moral}.|And so {h} learned that {moral}.|From that day on {h} knew that {moral}."
            '|"Now I know," {he} said, "that {moral}."|For {moral}.]'
        )
    return (
        "[And they all lived happily for many years.|That night {h} slept soundly and had the sweetest dreams."
        "|And if they have not gone away, they are living there still.|It was the happiest day of the whole {season}."
        "|The moon shone in at the window, and everything was quiet.|And that is the end of the story."
        "|{h} smiled, and so did the stars above the {place}.]"
    )


def opening(rng: random.Random) -> str:
    """Who, where and when. Many forms, so that no single phrase is the only way in."""
    return rng.choice(
        (
            (
                "[Once upon a time|Long ago|Once|A long time ago] there was {a}. [{he} lived in {home}.|{he} lived in"
                " {home}, close to the {place}.|{his} home was {home}.|{he} was known by everyone near the {place}.]"
            ),
            "[Once upon a time|Long, long ago|Many years ago], in {home}, there lived {a}.",
            "It was {season}, and {weather}. [In {home} lived {a}.|{a} lived in {home}.]",
            "There [was once|once was] {a} who lived in {home}.",
            (
                "[One day|One morning|One fine {season} day], {a} [went out to the {place}|came to the {place}|was"
                " sitting near the {place}]. [It was {season}, and {weather}.|The sun was shining and the air was"
                " fresh.|{weather}.]"
            ),
            (
                "{a} lived [happily|quietly|all alone] in {home}. [Every morning {he} went to the {place}.|Everybody"
                " liked {him}.|{he} had few things, but {he} was content.]"
            ),
        )
    )


def look(rng: random.Random) -> str:
    """A line that only paints: it may follow almost any sentence."""
    return rng.choice(
        (
            "",
            "",
            "",
            "It was {season}, and {weather}.",
            "The [wind|air|light] was [soft|cool|gentle|clear] that day.",
            (
                "A [lark|thrush|blackbird|finch] was singing [high in the air|in the hedge|on the roof|as loudly as"
                " it could]."
            ),
            "Everything [smelled of hay and flowers|was quiet and still|looked fresh and clean|shone in the light].",
            "[White|Grey|Small] clouds sailed over the {place}.",
            "The sun [stood high in the sky|was just going down].",
            "Far away a bell was ringing.",
            "Somewhere a dog barked, and then it was quiet again.",
            "[A butterfly|A bee|A leaf|A feather] [danced|floated] through the air.",
            "The [old trees|tall poplars|little birches] [whispered together|bowed in the wind|stood quite still].",
            "[A thin mist|A golden light|A deep shadow] lay upon the {place}.",
            "It was [a day to be happy|the hour when the lamps are lit|a little cold, but {h} did not mind].",
        )
    )
