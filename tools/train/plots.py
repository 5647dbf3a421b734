"""The plots of the story grammar: what happens, and in which words.

In: a cast and a random.Random. Out: groups of templates, one group a paragraph; story() makes the
whole text. The rules of a template are in grammar.py. Nothing here is copied from a book.
"""

import random

from grammar import add, animal, expand, look, moral, opening, person, scene, tidy
from plots2 import MORE
from words import BUILDS, FEARS, INGREDIENTS, MORALS, SOURCES, TROUBLES


def lost(c: dict, rng: random.Random):
    yield (
        opening(rng),
        "{he} had a {thing} that {he} loved [more than anything|very much|above all things].",
        look(rng),
    )
    yield (
        (
            "[One morning|One day|One evening] the {thing} was gone. [{h} looked everywhere, but {he} could not find"
            ' it.|{h} looked under the bed and behind the door, but it was not there.] ["Oh dear, where is my'
            ' {thing}?" {he} cried.|"My {thing} is lost!" {he} said, and tears came into {his} eyes.]'
        ),
    )
    yield (
        (
            '{he} {move} to the {place} and met {f_a}. "[Have you seen my {thing}?|Do you know where my {thing} is?]"'
            ' asked {h}. "[No, I have not|I am sorry, I have not seen it]," {f_say} {f_h}, "but I [will help you'
            ' look|shall come with you]."'
        ),
        look(rng),
    )
    yield (
        (
            '[Then they met {g_a}.|Near the {place2} they met {g_a}.|On the way they came upon {g_a}.] ["I am good at'
            ' {g_skill}," said {g_h}. "Let me help."|"I saw something {colour} this morning," said {g_h}. "Follow'
            ' me!"|"Do not cry," said {g_h}. "We will find it together."] So the three friends looked [all day'
            " long|until the sun went down|in every corner of the {place2}]."
        ),
    )
    yield (
        (
            "[At last|In the end|Just before dark] {g_h} [found the {thing}|saw the {thing}] {hid}. {h} [was so happy"
            ' that {he} danced|laughed for joy|jumped up and down]. "Thank you, [dear friends|my friends]!" {he}'
            " said. [They went home together and ate {food}.|{he} gave {f_h} and {g_h} each some {food}.]"
        ),
        moral(c, "help", rng),
    )


def rescue(c: dict, rng: random.Random):
    c["trouble"] = rng.choice(TROUBLES)
    yield opening(rng), look(rng)
    yield (
        (
            "[One day|One {season} morning|One afternoon] {h} {move} through the {place}. [Suddenly|All at once|Then]"
            ' {he} heard a [small|faint|sad] voice. "[Help! Help!|Please help me!|Oh, will nobody help me?]" [It'
            " was|There sat] {f_a}. {f_he} was {trouble}."
        ),
    )
    yield (
        (
            '["Do not be afraid," said {h}. "I will help you."|"Poor thing!" said {h}. "Be still, I am coming."]'
            " [{he} worked and pulled until {f_h} was free.|{he} did not think of {his} own safety, and soon {f_h}"
            " was safe.|{he} was very careful, and it took a long time, but at last {f_h} was safe.] [{he} gave"
            " {f_him} something to eat and a warm place to rest.|{he} carried {f_him} home and gave {f_him} some"
            " {food}.|]"
        ),
    )
    yield (
        (
            '"[Thank you|You are very kind|You saved my life]," {f_say} {f_h}. "[One day I will help you too.|If you'
            ' ever need me, only call.|I shall never forget this.]" {h} [laughed|smiled]. "[How could a {f_species}'
            ' help me?|That is not needed," {he} said. "I was glad to do it.]"'
        ),
    )
    yield (
        (
            "[But not long after|A week later|When winter came], {h} [lost {his} way in the {place2}|fell into a deep"
            " hole near the {place2}|was caught in a great storm by the {place2}]. {he} called and called, but nobody"
            " came. [Then {f_h} heard {him}.|But {f_h} knew the voice and came at once.] {f_h} was good at {f_skill},"
            " and so {f_he} [brought {h} safely home|saved {h}|soon had {him} out of danger]."
        ),
        (
            '["Now we are even," said {f_h}.|"You see," said {f_h}, "I kept my promise."|They were friends for ever '
            "after.]"
        ),
        moral(c, "help", rng),
    )


def share(c: dict, rng: random.Random):
    yield (
        opening(rng),
        "{his} best friend was {f_h}. [They played together every day.|They did everything together."
        "|In the {season} they were always at the {place}.]".replace("{f_h}", c["f_a"]),
    )
    yield (
        (
            'One day they found a {thing} {hid}. ["It is mine!" cried {h}. "I saw it first."|"I want it!" said {h}.]'
            ' "No, it is mine!" {f_say} {f_h}. They [pulled and pulled|quarrelled all morning|shouted so loudly that'
            " the birds flew away], until [the {thing} fell into the mud|both were tired and sad|neither of them"
            " would speak a word]."
        ),
        look(rng),
    )
    yield (
        (
            "[{g_a} came by|Just then {g_a} came along|{g_a} had heard it all] and [shook {g_his} head|sat down"
            ' beside them|asked what was the matter]. "[Why do you not share it?|One can have it today, and the other'
            ' tomorrow.|A {thing} is good, but a friend is better.]" said {g_h}.'
        ),
    )
    yield (
        (
            '{h} [looked at {f_h} and was ashamed|thought about it for a while|was sorry]. "[I am sorry|Forgive me],"'
            ' {he} said. "[You may have it first.|Let us play with it together.]" "[I am sorry too|And I was wrong'
            ' too]," said {f_h}. [So they took turns, and it was more fun than before.|They washed the {thing} in the'
            " brook and played until evening.|Then they played together, and {g_h} played with them.]"
        ),
        moral(c, "share", rng),
    )


def fear(c: dict, rng: random.Random):
    c["dread"] = rng.choice(list(FEARS))
    tool, truth, deed = FEARS[c["dread"]]
    c.update(tool=tool, truth=truth.format(h=c["h"]), deed=deed)
    yield (
        opening(rng),
        (
            "{he} was [not afraid of anything, only of {dread}|afraid of {dread}|a good {child}, but {he} was "
            "very much afraid of {dread}]. [The others laughed at {him}.|{he} told nobody about it.|]"
        ),
    )
    yield (
        (
            "[One evening|One day] {his} {elder} [fell ill|needed help|had forgotten something at the {place}], and"
            " {h} had to {deed}. [{his} heart beat fast.|{his} knees began to shake.|{he} stood still and did not"
            ' dare to move.] "I cannot do it," {he} [whispered|said].'
            if "species" not in c
            else (
                "[One evening|One day] {f_h} was [in trouble|lost] near the {place}, and {h} had to {deed}. [{his}"
                ' heart beat fast.|{he} stood still and did not dare to move.] "I cannot do it," {he}'
                " [whispered|said]."
            )
        ),
    )
    yield (
        (
            '[Then {g_a} came by.|{g_a} heard {him}.] "[I was afraid once too|Everyone is afraid of something]," said'
            ' {g_h}. "[Take this {tool} and go slowly.|Here is a {tool}. Take one step, and then another.|Hold this'
            ' {tool} and think of something beautiful.]"'
        ),
        look(rng),
    )
    yield (
        (
            "{h} took [the {tool}|a deep breath] and went on, [one step after another|slowly, very slowly]. And then"
            ' {he} saw that {truth}. [It was not terrible at all!|{he} laughed aloud.|"Is that all?" {he} said.]'
            " [Soon|In a little while] {he} had done it."
        ),
    )
    yield (
        (
            "[Everyone was proud of {him}.|When {he} came home, there was {food} for supper.|{g_h} was waiting and"
            ' said, "Well done!"] {h} was not afraid of {dread} any more.'
        ),
        moral(c, "brave", rng),
    )


def cook(c: dict, rng: random.Random):
    items = list(INGREDIENTS[c["food"]])
    rng.shuffle(items)
    for n, item in enumerate(items[:3]):
        c[f"i{n}"], c[f"s{n}"] = item, SOURCES[item]
    yield (
        opening(rng),
        '[One day|One {season} morning] {he} said, "I [want to make|will make|am going to make] {food}."',
        look(rng),
    )
    yield (
        "But there [was nothing in the kitchen|were no {i0} in the house|was only an empty bowl on the table]. So {h}"
        ' went to {s0} [for|to get some|and asked for some] {i0}. On the way {he} met {f_a}. "Where are you going?"'
        ' asked {f_h}. "[I am making {food}|I need {i0} to make {food}]," said {h}. "May I help?" "[Yes, come'
        ' along|Of course]," said {h}.'.replace("were no {i0}", "was no bowl of {i0}"),
    )
    yield (
        (
            "They fetched {i1} from {s1}, and {g_h} brought {i2} from {s2}. [Then {h} mixed everything in a big"
            " bowl.|They stirred and stirred until their arms were tired.|The fire burned brightly in the stove.]"
            " [Soon the whole house smelled of {food}.|The smell went out of the window and all the way to the"
            " {place}.]"
        ),
    )
    yield (
        '[{k_a} smelled it and came to the door.|Then there was a knock at the door. It was {k_a}.] ["May I have'
        ' some?" {k_he} asked. "I am so hungry."|"I did not help," {k_he} said sadly, "but I am very hungry."]'
        ' "[There is enough for all|Come in and sit down]," said {h}. [They all ate until nothing was left.|It was'
        " the best {food} in the world.|Everyone had a piece, and {k_h} washed the plates.]".replace(
            "[They", "[So they"
        ),
        moral(c, "work", rng),
    )


def build(c: dict, rng: random.Random):
    c["made"] = rng.choice(list(BUILDS))
    c.update(zip(("p0", "p1", "p2", "end"), BUILDS[c["made"]]))
    yield (
        opening(rng),
        (
            '{he} wanted a {made} [more than anything in the world|very much|like the one in the shop]. "[We have no'
            ' money for a {made}|A {made} costs too much]," said {his} {elder}, "[but you can make one|but you have'
            ' two good hands]."'
            if "species" not in c
            else '{he} wanted a {made} [very much|more than anything]. "I will make one myself," {he} said.'
        ),
    )
    yield (
        "So {h} looked for [what {he} needed|the things {he} needed]. {he} found {p0} [in the shed|in the barn|under"
        " the stairs]. {f_h} gave {him} {p1}, and {g_h} brought {p2}. [They worked all day.|It was not easy.|They"
        " measured and cut and tied.]".replace(
            "{f_h}", c["f_a"]
        ).replace(
            "{g_h}", c["g_a"]
        ),
        look(rng),
    )
    yield (
        (
            "[The first {made} broke.|At first it would not hold together.|The wind blew it down.] [{h} wanted to"
            ' give up.|{h} sat down and cried.] "Try again," said {f_h}. "[Nobody can do it the first time.|We will'
            ' help you.|I am good at {f_skill}, and I will hold it.]" So they [tried again|began once more], [more'
            " slowly this time|and this time they took great care]."
        ),
    )
    yield (
        (
            "[At last|In the evening|On the third day] the {made} was ready. It was {colour}, and it {end}."
            ' ["Hurrah!" they all cried.|{h} was prouder than a king.|{f_h} clapped, and {g_h} laughed for joy.]'
        ),
        moral(c, "work", rng),
    )


def disobey(c: dict, rng: random.Random):
    yield (
        opening(rng),
        (
            '[{his} {elder} always said|Every day {his} {elder} said], "[Do not go to the {place2} alone|Never go'
            ' near the {place2} by yourself|Stay away from the {place2}]."'
        ),
        look(rng),
    )
    yield (
        (
            "But [one day|one fine day] {h} [saw something shining there|wanted to see what was there|was tired of"
            ' playing at home]. "[I will only go a little way|I shall be back soon|Nobody will know]," {he} thought,'
            " and {he} {move} to the {place2}. [At first it was beautiful.|There were flowers and butterflies"
            " there.|{he} found a {thing} {hid}.]"
        ),
    )
    yield (
        (
            "[But then it grew dark|But then a thick mist came|Then it began to rain], and {h} could not find the way"
            ' home. [{he} was cold and hungry.|{he} heard strange sounds.|{he} sat down and wept.] "[If only I had'
            ' listened!|I want to go home!]" {he} said.'
        ),
    )
    yield (
        "{f_a} [heard {him}|was flying home late|came out of {f_his} home]. ".replace(
            "was flying home late", "saw {him}"
        )
        + '"[Why are you crying?|What are you doing here so late?]" asked {f_h}. {h} told {f_him} everything. "[Come,'
        ' I know the way|Follow me]," said {f_h}, for {f_he} was good at {f_skill}. So they [went through the dark'
        " together|went hand in hand|walked until they saw a light].",
    )
    yield (
        (
            '{his} {elder} was standing at the door. "[Where have you been?|I was so worried!]" {e_he} said. {h}'
            ' [told the truth|hid nothing] and said, "I am sorry." {his} {elder} [held {him} close|was not'
            " angry|kissed {him}] and gave {him} and {f_h} some {food}."
        ),
        moral(c, "obey", rng),
    )


def wish(c: dict, rng: random.Random):
    c["giver"] = rng.choice(
        ("a fairy", "a little old man", "a golden fish", "a white bird", "an elf with a green cap", "the moon")
    )
    c["gv"] = "the " + c["giver"].split(" ", 1)[1].split(" with ")[0]
    want, bad, back = rng.choice(
        (
            (
                "that everything I touch would turn to gold",
                "even the bread turned to gold, and {he} could not eat it",
                "touch soft bread again",
            ),
            ("to be as big as a house", "{he} could not go in at {his} own door", "be small again"),
            (
                "to fly like a bird",
                "the wind blew {him} far away, and {he} could not come down",
                "stand on the ground again",
            ),
            (
                "that it would be {season} all year",
                "nothing new ever happened, and {he} grew tired of it",
                "see the year go round",
            ),
            (
                "to be a king",
                "{he} had to sit on a hard throne all day, and nobody would play with {him}",
                "be just a {child} again",
            ),
            ("to have all the toys in the world", "there was no room left to play in", "have only one {thing} again"),
            (
                "that nobody would ever tell me what to do",
                "nobody spoke to {him} at all, and {he} was very lonely",
                "hear a kind voice again",
            ),
        )
    )
    c.update(want=want.format(**c), bad=bad.format(**c), back=back.format(**c))
    c["gv"] = c["giver"] if c["giver"] == "the moon" else c["gv"]
    yield (
        opening(rng),
        "[But {he} was never content.|{he} always wished for something more.|{he} often dreamed of great things.]",
        look(rng),
    )
    yield (
        'One [night|evening|day], near the {place}, {he} met {giver}. ["You have been kind to the animals," said'
        ' {gv}. "You may make one wish."|"You may wish for one thing," said {gv}, "but think well."|"What do you wish'
        ' for?" asked {gv}.] "I wish {want}," said {h}. "[So be it|As you like|Very well]," said {gv}, and [was'
        " gone|smiled|flew away].".replace("flew away", "vanished"),
    )
    yield (
        (
            "[At first it was wonderful.|At first {h} was full of joy.|The wish came true at once.] But [soon|the"
            ' next day|before long] {bad}. [{h} began to cry.|"Oh, what have I done!" cried {h}.|{h} was more unhappy'
            ' than before.] "I only want to {back}," {he} [said|sobbed].'
        ),
    )
    yield (
        (
            '{gv} [came again|heard {him}|stood before {him} once more]. "[Are you happy now?|Have you learned'
            ' something?]" "[No, please take the wish back|Please make everything as it was]," said {h}. [And so it'
            " was done.|Then everything was as before.] {h} [ran home and hugged {his} {elder}|went home, and the old"
            " house looked more beautiful than a palace|went home and ate {food}, and it had never tasted so good]."
        ),
        moral(c, "wish", rng),
    )


def journey(c: dict, rng: random.Random):
    goal, wonder = rng.choice(
        (
            ("the sea", "the water was blue and had no end"),
            ("the top of the mountain", "{he} could see the whole country"),
            ("the end of the rainbow", "there was only a little brook with {colour} stones"),
            ("the great city", "the lamps shone like stars"),
            ("the moon", "it was only the round window of the mill"),
            ("the king's castle", "the flags were waving in the wind"),
            ("the place where the sun goes down", "the sky was red and gold"),
            ("the warm countries", "oranges grew on the trees"),
        )
    )
    c.update(goal=goal, wonder=wonder.format(**c))
    yield (
        opening(rng),
        (
            '[But {he} wanted to see {goal}.|All {his} life {he} had dreamed of {goal}.|"I want to see {goal}," {he}'
            " said one day.]"
        ),
        look(rng),
    )
    yield (
        "So {he} [packed a little bag with some {food}|took {his} {thing} and a piece of bread|said goodbye] and set"
        " out. [{he} {move} through the {place} and over the {place2}.|The road went past the {place} and the"
        ' {place2}.] On the way {he} met {f_a}. "[Where are you going?|Whither so early?]" asked {f_h}. "To {goal},"'
        ' said {h}. "[Take me with you|May I come too?]," {f_say} {f_h}.'.replace("too?],", "too]?"),
    )
    yield (
        (
            "[In the night they slept under a tree.|They crossed a wide river on an old log.|A storm came, and they"
            " hid in a barn.] [They met {g_a}, who showed them the way.|{g_a} gave them something to eat and told"
            ' them about the road.] "[It is not far now|Only go straight on]," said {g_h}.'
        ),
    )
    yield (
        (
            "[At last|After three days|When the sun rose] they came to {goal}. {he} [stood still|could hardly speak]:"
            ' {wonder}. "[How beautiful!|So this is {goal}!]" {he} said. But [in the evening|after a while] {he}'
            " thought of {his} own home and [was homesick|of all who waited there]."
        ),
    )
    yield (
        (
            "So they [turned round and went home|went back the same way]. [Everyone wanted to hear about {goal}.|{h}"
            " told the story again and again.|{f_h} stayed with {him}, and they often talked about {goal}.]"
        ),
        moral(c, "home", rng),
    )


def race(c: dict, rng: random.Random):
    fast, slow = rng.choice(
        (
            ("rabbit", "turtle"),
            ("fox", "hedgehog"),
            ("pony", "donkey"),
            ("squirrel", "mole"),
            ("dog", "duck"),
            ("cat", "frog"),
            ("crow", "mouse"),
        )
    )
    c.update(animal(rng, slow, rng.choice(("slow", "quiet", "patient", "small"))))
    add(c, "f", animal(rng, fast, rng.choice(("proud", "vain", "swift"))))
    yield (
        (
            "[Once upon a time|Once|One {season}] there was {f_a} who [boasted all day long|thought {f_he} was the"
            ' best of all]. "[Nobody is as fast as I am!|I can run faster than the wind!]" said {f_h}. [The other'
            " animals were tired of it.|Nobody liked to hear it.]"
        ),
    )
    yield (
        (
            '{a} [listened for a while|lived nearby|heard it]. "[Let us have a race|I will race you]," said {h},'
            ' "from the {place} to the {place2}." {f_h} laughed [until {f_his} sides hurt|loudly]. "You? [You are'
            ' much too slow!|You cannot even see over the grass!]" But [they agreed to race the next morning|all the'
            " animals came to watch]."
        ),
        look(rng),
    )
    yield (
        '{g_h} gave the sign, and off they went. {f_h} was soon far ahead. "[I have time enough|I can rest a'
        ' little]," {f_he} thought, and [lay down under a tree and fell asleep|stopped to eat some {f_food}|looked at'
        " {f_himself} in the water]. But {h} went on and on, [step by step|without stopping|slowly but steadily]."
        .replace("{f_himself}", "herself" if c["f_he"] == "she" else "himself"),
    )
    yield (
        (
            "When {f_h} [woke up|looked up again], {h} was [almost at the {place2}|already near the end]. {f_h} ran"
            " as fast as {f_he} could, but it was too late. {h} had won! [All the animals cheered.|{g_h} put a wreath"
            ' of flowers on {his} head.] {f_h} [hung {f_his} head|was ashamed] and said, "[You have won fairly.|I'
            ' will not boast again.]"'
        ),
        rng.choice(
            ("And so {f_h} learned that {moral}.", "For {moral}.", "They shook hands and were friends.")
        ).replace("{moral}", rng.choice(MORALS["pride"].split("|"))),
    )


def gift(c: dict, rng: random.Random):
    yield (
        opening(rng),
        "Soon it would be the birthday of {his} {elder}, but {h} had [no money|only one small coin|nothing to give]."
        ' "[What can I give?|I want to give {e_him} something beautiful]," {he} thought.'.replace(
            "{e_him}", "her" if c["e_he"] == "she" else "him"
        ),
    )
    yield (
        (
            '{he} went to the {place} and asked {f_a}. "[Give a {thing}|I would give a {thing}]," {f_say} {f_h}. But'
            ' {h} had no {thing}. Then {he} asked {g_a}. "[Give some {g_food}|There is nothing better than'
            ' {g_food}]," said {g_h}. But {h} did not think that was right.'
        ),
        look(rng),
    )
    yield (
        (
            "[Then {he} had an idea.|In the evening {he} suddenly knew what to do.] {he} [picked {colour} flowers by"
            " the {place2} and made a wreath|wrote a little song and learned it by heart|painted a picture of the"
            " {place}|baked a small cake in the shape of a heart]. {f_h} and {g_h} helped {him}."
        ),
    )
    yield (
        (
            'When the day came, {h} [was shy|stood at the door with {his} gift]. ["It is only a little thing," {he}'
            ' said.|"I made it myself," {he} said.] {his} {elder} [had tears of joy|was silent for a moment, and then'
            ' smiled]. "[It is the finest present I ever had|Nothing could please me more]," {e_he} said.'
        ),
        moral(c, "give", rng),
    )


def stranger(c: dict, rng: random.Random):
    odd = rng.choice(
        (
            "had a crooked {limb}",
            "was much bigger than the others",
            "had {colour} feathers where others had brown",
            "spoke in a strange way",
            "wore a coat full of patches",
            "had only one ear",
            "could not sing a note",
            "was quite {colour}",
        )
    )
    c["odd"] = odd.format(limb=rng.choice(("tail", "leg", "nose")), **c)
    if "feathers" in c["odd"]:
        add(
            c,
            "f",
            animal(
                rng,
                rng.choice(
                    [
                        b
                        for b in ("owl", "duck", "sparrow", "crow", "stork")
                        if b not in (c.get("species"), c["g_species"])
                    ]
                ),
            ),
        )
    yield (
        opening(rng),
        (
            "One day {f_a} came to the {place}. {f_he} {odd}, and [nobody knew where {f_he} came from|{f_he} was all"
            " alone]."
        ),
        look(rng),
    )
    yield (
        (
            '[The others laughed.|Nobody wanted to play with {f_him}.] "[Go away!|How strange {f_he} looks!]" said'
            ' {g_h}. "[You do not belong here.|We do not want you.]" {f_h} [crept away and wept|said nothing, but'
            " {f_his} heart was heavy|hid behind a tree]."
        ),
    )
    yield (
        (
            '{h} saw it and was sorry. {he} went to {f_h} and said, "[Will you play with me?|Do not be sad. I will be'
            ' your friend.]" {f_h} looked up. "[Do you mean it?|Nobody ever asked me that]," {f_he} said. They'
            " [played together all day|shared some {food}|told each other stories]."
        ),
    )
    yield (
        "[Some days later|Not long after] {g_h} [fell into the river|was {trouble}]. Everyone [ran about and"
        " cried|called for help], but nobody knew what to do. Only {f_h} [was not afraid|did not lose heart]. {f_he}"
        " was good at {f_skill}, and {f_he} saved {g_h}.".replace("{trouble}", rng.choice(TROUBLES)),
    )
    yield (
        (
            '"[Forgive me|I was unkind to you]," said {g_h}. "[Please stay with us.|You are braver than all of us.]"'
            " From that day {f_h} [had many friends|was never alone again], but {h} was [the first|always the"
            " dearest]."
        ),
        moral(c, "friend", rng),
    )


def trick(c: dict, rng: random.Random):
    c["sly"], c["slyhe"] = rng.choice(
        (("fox", "he"), ("wolf", "he"), ("cat", "she"), ("witch", "she"), ("giant", "he"), ("troll", "he"))
    )
    if c["sly"] == c.get("species"):
        c["sly"], c["slyhe"] = "wolf", "he"
    c["slyhim"] = "her" if c["slyhe"] == "she" else "him"
    yield (
        opening(rng),
        "In the {place2} there lived a [sly|wicked|greedy] {sly}, and everyone was afraid of {slyhim}.",
        look(rng),
    )
    yield (
        (
            'One day the {sly} [stood before {h}|knocked at the door|waited behind a bush]. "[Good morning, my'
            ' dear|What a fine day]," said the {sly}. "[Come with me, and I will give you a {thing}.|I am hungry, and'
            ' I am going to eat you!|Give me all your {food}, or I will eat you!]"'
        ),
    )
    yield (
        (
            '{h} was [frightened|afraid], but {he} [thought quickly|kept a clear head]. "[Wait a moment|Very well],"'
            ' {he} said, "but first you must [show me how well you can dance|look into this well, for there is'
            " another {sly} down there|close your eyes and count to a hundred|sing me a song, for everybody says that"
            ' you sing so well|bring me water in this basket]."'
        ),
    )
    yield (
        (
            "The {sly} was [vain|foolish] and did as {h} said. [Then {h} slipped away as fast as {he} could.|{slyhe}"
            " danced and counted and sang, and meanwhile {h} ran to fetch {f_h}.|{slyhe} bent down too far and fell"
            " into the mud.] When the {sly} [looked round|noticed the trick], [{h} was gone|everyone was standing"
            " there and laughing]. The {sly} [was so angry that {slyhe} ran away and never came back|crept home,"
            " hungry and ashamed]."
        ),
    )
    yield (
        "[{f_h} gave a feast for {h}.|All the animals thanked {h}.|{h} went home and told {his} {elder} all about"
        " it.]".replace("{f_h}", c["f_a"]),
        moral(c, "clever", rng),
    )


def royal(c: dict, rng: random.Random):
    grief, cure = rng.choice(
        (
            (
                "could not laugh",
                "the {f_species} slipped and fell into the soup, and the princess laughed until she cried",
            ),
            (
                "could not sleep",
                "{h} sang the song that {his} {elder} used to sing, and the princess fell asleep at once",
            ),
            ("had lost her golden crown", "{f_h} found the crown at the bottom of the lake"),
            ("was shut up in a high tower", "{f_h} carried the key up to the window"),
            ("had never seen the stars", "{h} opened the great window and put out all the lamps"),
            ("was always cold", "{h} gave her the old coat from {his} own shoulders, and she was warm"),
        )
    )
    c.update(person(rng, girl=rng.random() < 0.4))
    c.update(
        grief=grief,
        cure=cure.format(**c),
        prize=rng.choice(("half the kingdom", "a bag of gold", "a white horse", "whatever they wished for")),
    )
    yield (
        (
            "[Once upon a time|Long ago|There was a time when] there was a king who had a daughter. The princess"
            ' {grief}. [The king was very sad.|The king sent for all the wise men, but nobody could help.] "[Whoever'
            ' helps the princess|The one who helps her]," he said, "shall have {prize}."'
        ),
    )
    yield (
        'In that land lived {a}. {he} [was poor|had nothing but a {thing}], but {he} had a good heart. ["I will try,"'
        ' said {h}.|"Why should I not try?" said {h}.] On the way to the castle {he} met {f_a}, who was {trouble}.'
        ' {h} helped {f_him}, and {f_h} [went with {him}.|said, "Take me with you."]'.replace(
            "{trouble}", rng.choice(TROUBLES)
        ),
        look(rng),
    )
    yield (
        (
            "Many [princes|fine gentlemen|knights] had come with [gold and jewels|music and fine clothes], but the"
            " princess [only shook her head|sat by the window and sighed]. Then {h} stepped forward. Everyone"
            " [laughed at {his} poor clothes|whispered]. But [see what happened|then]: {cure}."
        ),
    )
    yield (
        (
            'The [king|old king] was [so glad that he danced|full of joy]. "[Ask for your reward|The reward is'
            ' yours]," he said. {h} [bowed|thought of home] and said, "[I only want some {food} and a warm coat for'
            ' my {elder}|I would like to stay the friend of the princess]." [The king gave {him} that, and {prize}'
            " besides.|Then there was a feast that lasted seven days.]"
        ),
        moral(c, "help", rng),
    )


def grow(c: dict, rng: random.Random):
    plant, fruit = rng.choice(
        (
            ("an apple tree", "red apples"),
            ("a sunflower", "a golden head as big as a plate"),
            ("a pumpkin", "the biggest pumpkin in the village"),
            ("a rose", "a {colour} rose"),
            ("a bean plant", "beans as long as a finger"),
            ("an oak", "green leaves that whispered in the wind"),
        )
    )
    c.update(plant=plant, fruit=fruit.format(**c))
    yield (
        opening(rng),
        (
            "One day {he} found a [tiny|little brown|small round] seed [near the {place}|in an old drawer|on the"
            ' ground]. ["What will you become?" {he} asked.|"I will plant you," said {h}.|{he} carried it home with'
            " care.]"
        ),
    )
    yield (
        "{he} put the seed into the earth and gave it water. [Every morning {he} went to look.|{he} waited one day,"
        ' and two days, and three.] But nothing happened. ["It is dead," said {f_h}.|{f_h} laughed and said, "Nothing'
        ' will ever grow there."] "[I can wait|Let us wait a little longer]," said {h}.'.replace(
            "{f_h}", c["f_a"], 1
        ),
        look(rng),
    )
    yield (
        (
            "Then [the rain came|the sun grew warm|one morning], and a small green leaf [came out of the earth|looked"
            " up at the sky]. {h} [built a little fence around it|kept the snails away|sang to it]. [In the cold"
            " nights {he} covered it with straw.|When it was dry, {he} carried water from the brook.]"
        ),
    )
    yield (
        (
            "[The weeks went by|Time went by|Summer came], and the little leaf became {plant}. It [had|bore|brought"
            " forth] {fruit}. [Everyone came to see it.|Even {f_h} came and was amazed.] [{h} gave a piece to"
            ' all.|{h} was happy and proud.|"It only needed time," said {h}.]'
        ),
        moral(c, "grow", rng),
    )


PLOTS = (
    lost,
    rescue,
    share,
    fear,
    cook,
    build,
    disobey,
    wish,
    journey,
    race,
    gift,
    stranger,
    trick,
    royal,
    grow,
    *MORE,
)


def story(rng: random.Random) -> str:
    """One story: a plot, a cast, and paragraphs either apart or run together."""
    plot, cast = rng.choice(PLOTS), scene(rng)
    parts = []
    for group in plot(cast, rng):
        text = " ".join(expand(t, cast, rng) for t in group if t)
        parts.append(tidy(text))
    return ("\n\n" if rng.random() < 0.7 else " ").join(parts)
