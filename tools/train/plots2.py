"""More plots for the story grammar, of the same form as those of plots.py.

In: the cast and a random.Random. Out: groups of templates, one group a paragraph.
"""

import random

from grammar import add, look, moral, opening, person

RIDDLES = (
    ("What has a face but no mouth", "a clock"),
    ("What runs but has no legs", "a river"),
    ("What grows bigger the more you take away from it", "a hole"),
    ("What has teeth but cannot bite", "a comb"),
    ("What has one eye but cannot see", "a needle"),
    ("What falls but is never hurt", "the snow"),
    ("What can you break without touching it", "a promise"),
    ("What goes up and never comes down", "your age"),
    ("What is full of holes and still holds water", "a sponge"),
    ("What has a neck but no head", "a bottle"),
    ("What follows you all day and is gone at night", "your shadow"),
    ("What flies without wings", "time"),
)
SKILLS = {
    "whistle": "a clear tune came out",
    "swim": "the water carried {him} to the other side",
    "skate": "{he} flew over the ice",
    "read": "the letters stood still and made words",
    "ride": "the pony went just as {he} wished",
    "dance": "{his} feet knew what to do",
    "sing": "even the birds were silent to listen",
    "climb": "{he} sat in the very top of the tree",
    "paint": "the flowers in the picture looked as if they smelled sweet",
    "knit": "a long warm scarf lay in {his} lap",
}


def toy(c: dict, rng: random.Random):
    c["toy"] = rng.choice(
        (
            "tin soldier",
            "wooden duck",
            "rag doll",
            "toy bear",
            "little clown",
            "china dog",
            "paper dancer",
            "tin drummer",
        )
    )
    c["made"] = rng.choice(
        ("an old spoon", "a bit of wood", "scraps of cloth", "straw and buttons", "coloured paper")
    )
    yield (
        (
            "[Once upon a time|Once|Long ago] there was a {toy}, made of {made}. [It stood on a shelf in {home}.|It"
            " belonged to {a}.] {h} loved the {toy} and [played with it every day|took it to bed every night|told it"
            " everything].".replace("belonged to {a}", "belonged to {a} who lived in {home}")
            if "species" not in c
            else (
                "[Once upon a time|Once|Long ago] there was a {toy}, made of {made}. It lay [forgotten in an attic|on"
                " a heap of old things], and nobody loved it but {a}."
            )
        ),
    )
    yield (
        (
            "One [windy|rainy|bright] day the {toy} [fell out of the window|was left lying in the {place}|rolled down"
            ' the steps and into the street]. "[Now I am all alone|What will become of me?]," thought the {toy}. [The'
            " rain came down.|Night came, and the stars looked at it.|Great carts went by.]"
        ),
        look(rng),
    )
    yield (
        (
            '{f_a} [picked it up|came by and sniffed at it]. "[What are you?|Can one eat you?]" asked {f_h}. "[I am a'
            ' {toy}, and I want to go home|No, I am only a {toy}]," it said. "[Then hold on to me|Well, I will carry'
            ' you a little way]," said {f_h}. And they [went through the {place2}|came to the {place2}], where {g_h}'
            " [showed them the way|told them that {h} was looking for the {toy}]."
        ),
    )
    yield (
        (
            "{h} had [not slept all night|looked in every corner|cried a great deal]. In the morning {he} opened the"
            " door, and there lay the {toy}! [It was wet and had lost some of its paint, but that did not matter.|One"
            ' of its arms was broken, but {h} mended it with thread.] "[I will never lose you again|You came back to'
            ' me]," said {h}.'
        ),
        "[The {toy} said nothing, but it was very happy.|And the {toy} thought of {f_h} and of the wide world.]",
        moral(c, "home", rng),
    )


def star(c: dict, rng: random.Random):
    yield (
        opening(rng),
        "[In the evening {he} liked to look at the stars.|{he} could not sleep that night, and went to the window.]",
    )
    yield (
        (
            "[Then a star fell from the sky.|All at once a little star came down, right into the {place}.] {h} {move}"
            " there and found it [in the grass|under a bush|in a puddle]. It was no bigger than [an apple|a nut|a"
            ' hand], and it [shone faintly|trembled with cold]. "[I slipped|I looked down too long, and fell]," said'
            ' the star. "[Please help me to go home.|How shall I ever get back?]"'
        ),
        look(rng),
    )
    yield (
        (
            '{h} asked {f_a}. "[Throw it as high as you can|Tie it to a kite]," said {f_h}. {he} tried, but [the star'
            ' came down again|it was not high enough]. Then {he} asked {g_a}. "[You must wait for the moon|Climb the'
            ' highest hill, and call the wind]," said {g_h}, who was wise.'
        ),
    )
    yield (
        "So {h} [climbed the highest hill|waited until the moon stood over the {place2}] with the star in {his}"
        ' hands. "[Dear wind, take it home|Dear moon, here is your child]," {he} said. [The wind came and lifted the'
        " star up.|The moon let down a silver thread and drew the star up.] Higher and higher it went, until it"
        " [stood in its old place|was a small bright point among the others].".replace(
            "in {his} hands", "close to {his} heart" if "species" in c else "in {his} hands"
        ),
    )
    yield (
        (
            "[Since that night one star has shone brighter than the rest.|And when {h} looks up now, one star always"
            " winks.|Every night the star sent down a little light to the window of {h}.]"
        ),
        moral(c, "help", rng),
    )


def learn(c: dict, rng: random.Random):
    c["skill2"] = rng.choice(list(SKILLS))
    c["result"] = SKILLS[c["skill2"]].format(**c)
    yield (
        opening(rng),
        (
            "[All the others could {skill2}, but {h} could not.|There was one thing that {he} could not do: {he}"
            " could not {skill2}.]"
        ),
    )
    yield (
        '"[I shall never learn it!|It is too hard for me]," said {h}, and {he} [threw {himself} on the ground|was'
        ' sad|would not eat {his} supper]. {f_a} laughed. "[Look at me!|It is quite easy," {f_he} said. "Just do'
        ' it.]" But that did not help at all.'.replace("{himself}", "herself" if c["he"] == "she" else "himself"),
        look(rng),
    )
    yield (
        (
            'Then {g_a} [sat down beside {him}|came along]. "[I could not {skill2} either when I was young.|Nobody is'
            ' born knowing how to {skill2}.] [Try it every day, only a little.|Begin with a very small piece.]" So'
            " {h} went to the {place} [every morning|every day after breakfast] and tried. [The first day it went"
            " badly.|At first everything went wrong.] The second day it went [a little better|no better]. [But {he}"
            ' did not give up.|"Once more," {he} said each time.]'
        ),
    )
    yield (
        (
            'And [on the seventh day|one fine morning|when the {season} was over] it happened: {result}. "[I can do'
            ' it!|Look, look!]" cried {h}. {g_h} [nodded and smiled|was not surprised at all]. [Even {f_h}'
            ' clapped.|And {f_h} asked, "Will you show me how you did it?"]'
        ),
        moral(c, "work", rng),
    )


def who_helps(c: dict, rng: random.Random):
    c["bread"] = rng.choice(("bread", "cake", "soup", "pie"))
    c["first"], c["second"], c["third"] = rng.choice(
        (
            ("plant the wheat", "cut the wheat", "carry it to the mill"),
            ("fetch the wood", "light the fire", "carry the water"),
            ("pick the apples", "wash the apples", "stir the dough"),
        )
    )
    yield (
        opening(rng),
        'One day {he} wanted to make some {bread}. "Who will help me to {first}?" {he} asked.',
        look(rng),
    )
    yield (
        (
            '"Not I," said {f_a}. "I am [too tired|too busy]." "Not I," said {g_a}. "I [want to sleep|have to look at'
            ' the clouds]." "Then I will do it myself," said {h}, and {he} did.'
        ),
    )
    yield (
        (
            '"Who will help me to {second}?" "Not I," said {f_h}. "Not I," said {g_h}. "[Then I will do it'
            ' myself|Very well, I can do it]," said {h}. [And when it was time to {third}, it was just the'
            " same.|Nobody helped to {third} either.]"
        ),
    )
    yield (
        (
            'At last the {bread} was ready, and it smelled [wonderful|of {season} and sunshine]. "Who will help me to'
            ' eat it?" asked {h}. "I will!" said {f_h}. "I will!" said {g_h}. ["You would not help with the work,"'
            ' said {h}, "so I shall eat it with {k_h}, who carried the water."|{h} thought for a moment. "Today you'
            ' may eat with me," {he} said, "but tomorrow you shall wash the plates." And so they did.|"No," said {h}.'
            ' "Those who will not work need not eat." But then {he} saw their hungry eyes and gave each a small'
            " piece.]"
        ),
        moral(c, "work", rng),
    )


def trade(c: dict, rng: random.Random):
    a, b, d = rng.sample(
        (
            "cow",
            "goose",
            "sack of apples",
            "pair of boots",
            "clay pot",
            "warm blanket",
            "basket of eggs",
            "wheel of cheese",
            "rooster",
        ),
        3,
    )
    c.update(
        t0=a,
        t1=b,
        t2=d,
        who=rng.choice(("miller", "baker", "fisherman", "shepherd", "soldier")),
        who2=rng.choice(("tailor", "farmer", "old woman", "carpenter", "sailor")),
    )
    yield (
        opening(rng),
        (
            '{he} had nothing in the world but a {t0}. "I will [go to market|see the world] and [make a good'
            ' bargain|try my luck]," {he} said.'
        ),
        look(rng),
    )
    yield (
        (
            'On the road {he} met a {who} with a {t1}. "[That is a fine {t0}|What have you there?]," said the {who}.'
            ' "[Will you change with me?|Give it to me, and you shall have my {t1}.]" "[With all my heart|Why not?],"'
            " said {h}. So {h} got the {t1}, and went on."
        ),
    )
    yield (
        (
            'In the {place} {he} met a {who2} who [was crying|sat by the road and sighed]. "[I have lost everything'
            ' but this {t2}|My children are hungry, and I have only this {t2}]," said the {who2}. {h} was sorry and'
            ' gave away the {t1} for the {t2}. [{f_a} saw it and laughed: "What a bad bargain!"|"How foolish!" said'
            " {f_a}.]"
        ),
    )
    yield (
        (
            "But when {h} came home, [{he} found a gold coin inside the {t2}|the {t2} was just what {his} {elder} had"
            " wished for|the king's coach was standing there, for the king needed a {t2}, and he paid for it with"
            ' gold]. "[You see," {he} said, "one never knows|What luck," {he} said, "and I made somebody happy too]."'
            " And {f_h} [laughed no more|was silent]."
        ),
        moral(c, "give", rng),
    )


def old_friend(c: dict, rng: random.Random):
    c["old"], o_he, o_his = rng.choice(
        (
            ("an old lamplighter", "he", "his"),
            ("an old woman with a cane", "she", "her"),
            ("an old sailor", "he", "his"),
            ("an old clockmaker", "he", "his"),
            ("an old gardener", "he", "his"),
            ("a very old lady", "she", "her"),
        )
    )
    c.update(
        o="the old " + c["old"].split("old ", 1)[1].split(" with")[0],
        o_he=o_he,
        o_his=o_his,
        o_him="him" if o_he == "he" else "her",
    )
    yield (
        opening(rng),
        (
            "[Across the street|In the house next door|Not far away] lived {old}. {o_he} was always alone, and"
            " {o_his} windows were [grey with dust|closed]."
        ),
        look(rng),
    )
    yield (
        'One day {h} [knocked at the door|looked in at the window|brought {o_him} some {food}]. "[Are you not'
        ' lonely?|Why do you never come out?]" {he} asked. "[Nobody has asked me that for years|I have my memories,'
        ' and they come to visit me]," said {o}. "[Sit down, and I will tell you a story|Come in, my child]."'
        .replace("my child", "my child" if "species" not in c else "my little friend"),
    )
    yield (
        (
            "And {o} told {him} about [the great ships and the wide sea|the time when the {place} was full of roses|a"
            " {thing} that {o_he} had lost long ago|the winter when the wolves came to the door]. {h} [forgot the"
            ' time|listened until the candle burned low]. [After that {he} came every day.|"May I come again'
            ' tomorrow?" {he} asked.]'
        ),
    )
    yield (
        (
            "[When winter came, {o} fell ill.|One morning {o} could not get up.] {h} [made a fire and cooked some"
            ' {food}|sat by the bed and told {o_him} stories now]. [And {o} got well again.|"You are the best'
            ' medicine," said {o}.] [In the spring they washed the windows, and the sun came in.|On {his} birthday'
            " {h} got a {thing} from {o}, and {he} kept it all {his} life.]"
        ),
        moral(c, "friend", rng),
    )


def egg(c: dict, rng: random.Random):
    c["baby"], c["kin"] = rng.choice(
        (
            ("a tiny dragon", "dragon"),
            ("a little swan", "swan"),
            ("a small turtle", "turtle"),
            ("a young owl", "owl"),
            ("a baby crocodile", "crocodile"),
        )
    )
    yield (
        opening(rng),
        (
            'One day {he} found [a big {colour} egg|an egg with {colour} spots|a strange, warm egg] {hid}. "[Whose'
            ' egg can this be?|What may be inside?]" {he} said.'
        ),
        look(rng),
    )
    yield (
        "{he} asked {f_a}, but it was not {f_his} egg. {he} asked {g_a}, but {g_he} [shook {g_his} head|only"
        " laughed]. So {h} [kept the egg warm under a blanket|laid it in a basket by the stove|carried it home in"
        " {his} cap].".replace("in {his} cap", "very carefully"),
    )
    yield (
        (
            "In the night there was a [tap, tap, tap|little crack]. The egg broke, and out came {baby}! It looked at"
            ' {h} and said, "[Mother!|Hello!|I am hungry.]" {h} [had to laugh|was very surprised], and gave it some'
            " {food}. [It ate everything up and fell asleep.|It sneezed, and then it ate and ate.]"
        ),
    )
    yield (
        (
            "The {kin} grew [every day|fast], and soon [it was too big for the house|it wanted to see the world]."
            ' "[You must go to your own kind|Somewhere your mother is waiting]," said {h}, though {his} heart was'
            " heavy. They went to the {place2} together, and there [a great {kin} was calling|the mother {kin} was"
            ' waiting]. [The little one ran to her, and then it ran back once more to kiss {h}.|"Thank you for taking'
            ' care of my child," she said.]'
        ),
        "[Every {season} the {kin} came to visit {him}.|{h} waved until they were out of sight.]",
        moral(c, "give", rng),
    )


def snowman(c: dict, rng: random.Random):
    yield (
        (
            "[It was winter, and|One winter] the snow lay deep upon the ground. {a} went out to play. With {f_a} {he}"
            " made a snowman, with [a carrot for a nose|two coals for eyes] and [an old hat|a {colour} scarf]."
        ),
    )
    yield (
        (
            'When the moon rose, the snowman [opened his eyes|began to speak]. "[Good evening|How cold it is, how'
            ' nice!]," he said. {h} [was not afraid|could not believe it]. "[What do you wish for?|Are you not lonely'
            ' out here?]" {he} asked. "[I should like to see the {place}|I want to know what spring is like]," said'
            ' the snowman. "[I have only ever seen this garden.|Everyone talks of it.]"'
        ),
    )
    yield (
        (
            "So [every night they walked together|they went there that very night]. [They slid on the ice and threw"
            " snowballs.|The snowman told {him} what the wind had said, and {h} told him about the sea.] They were"
            " [the best of friends|never tired]."
        ),
        "But the days grew longer, and the snowman grew thinner.",
    )
    yield (
        (
            "One morning [there was only a hat and a carrot on the wet grass|he was gone, and the first flower stood"
            ' in his place]. {h} wept. "[Do not cry," said {f_h}. "He has become water, and the brook is carrying him'
            ' to the sea|He wanted to see the spring," said {f_h}, "and now he is part of it]." And [when the snow'
            ' fell again|the next winter], {h} made a new snowman, and he [smiled just like the old one|said, "Good'
            ' evening! I am back"].'
        ),
    )


def riddle(c: dict, rng: random.Random):
    (c["q1"], c["a1"]), (c["q2"], c["a2"]) = rng.sample(RIDDLES, 2)
    c["keeper"] = rng.choice(("troll", "giant", "old wizard", "grey owl", "little dwarf", "dragon"))
    yield (
        opening(rng),
        (
            'To reach the {place2} one had to cross a bridge, and on the bridge sat a {keeper}. "[Nobody may'
            ' pass|Stop!]," he said, "unless they can answer my riddles."'
        ),
        look(rng),
    )
    yield (
        (
            '{f_a} had tried, and {g_a} had tried, but they had to turn back. Then {h} came. "[Ask me|I am ready],"'
            ' {he} said, though {his} knees were shaking. "{q1}?" asked the {keeper}. {h} [thought and thought|looked'
            ' at the sky]. "[That is {a1}|It must be {a1}]," {he} said. "[Right!|Hm, that is true]," [growled|said]'
            " the {keeper}."
        ),
    )
    yield (
        (
            '"But now: {q2}?" [It was quiet for a long time.|The water ran under the bridge.] {h} remembered what'
            ' {his} {elder} had once told {him}. "[I know it, it is {a2}|{a2}!]," {he} cried. The {keeper} [scratched'
            " his head|stamped his foot], but he had to let {him} pass."
        ),
    )
    yield (
        (
            '"[Nobody has ever known the answers|You are clever]," said the {keeper}. "[Will you come again? It is'
            ' dull to sit here alone.|Tell me a riddle, before you go!]" [So {h} sat down and told him one, and they'
            " both laughed.|From then on {h} came every week, and everyone could cross the bridge.]"
        ),
        moral(c, "clever", rng),
    )


def cloud(c: dict, rng: random.Random):
    c["wish"] = rng.choice(("see the sea", "be as white as the others", "stay and play", "be a bird"))
    yield (
        (
            "[High above the {place}|In the blue sky|Over the hills] there [once lived|lived] a little grey cloud."
            ' [The other clouds were white and proud.|The wind pushed it here and there.] "[I only want to {wish}|If'
            ' only I could {wish}]," said the little cloud.'
        ),
    )
    yield (
        (
            "Below lay the {place2}, and it was [dry and brown|thirsty], for it had not rained for weeks. {f_a}"
            ' looked up. "[Dear cloud, please give us some rain|We are so thirsty]," {f_he} said. "[But if I rain, I'
            ' shall be gone|I am so small, what can I do?]," said the cloud.'
        ),
        look(rng).replace("White", "Thin"),
    )
    yield (
        (
            "Then {a} [put a bowl on the ground and waited|sat down under the withered tree and wept]. The cloud"
            " [could not bear to see it|thought it over]. It [took a deep breath|grew dark and heavy], and the first"
            " drop fell, and then another, and then [it rained the whole night|the rain came down like silver"
            " threads]."
        ),
    )
    yield (
        (
            "[In the morning everything was green.|The flowers lifted their heads, and the brook began to run.]"
            ' "[Where is the cloud?|Our cloud is gone]," said {f_h}. But [the sun drew up the water from the brook,'
            " and there it was again, small and white|the drops ran to the sea, and so the little cloud saw the wide"
            " world after all]. {h} waved to it, and everybody was glad."
        ),
        moral(c, "give", rng),
    )


def baby(c: dict, rng: random.Random):
    c.update(person(rng))
    c["sib"] = rng.choice(("sister", "brother"))
    c["s_him"] = "her" if c["sib"] == "sister" else "him"
    yield (
        (
            "{a} lived in {home} with {his} mother and father. One day there was a new baby in the house, a"
            " little {sib}. [Everybody came to look at the baby.|Everyone brought presents for the baby.] [Nobody"
            " looked at {h}.|{h} sat alone on the stairs.]"
        ),
        look(rng),
    )
    yield (
        (
            '"[The baby only cries and sleeps|I do not need a {sib}]," said {h} to {f_a} [in the garden|at the gate].'
            ' "[Nobody loves me any more.|Mother has no time for me now.]" "[When my little ones came, I thought so'
            ' too|Wait and see]," said {f_h}.'
        ),
    )
    yield (
        (
            "That night the baby cried and cried. [Mother sang, and father walked up and down.|Nothing helped.] Then"
            " {h} got up and [laid {his} {thing} in the cradle|made a funny face|hummed the song about the moon]."
            " [All at once it was quiet.|The baby stopped crying and laughed.] It took hold of {his} finger and would"
            " not let go."
        ),
    )
    yield (
        '"[See how your {sib} loves you|You are a great help]," said mother, and she [took {h} in her arms|kissed'
        ' {h}]. "[When will you be big enough to play with me?|I will show you everything," said {h}. "The {place},'
        ' and the {place2}, and my {thing}.]" {h} [asked|whispered]. The baby [only smiled|was already asleep].'
        .replace(
            '[When will you be big enough to play with me?|I will show you everything," said {h}. "The {place}, and'
            " the {place2}, and my {thing}.]",
            "[When will you be big enough to play with me?|Soon I "
            "will show you the {place}, and the {place2}, and my {thing}.]",
        ),
        moral(c, "share", rng),
    )


def night(c: dict, rng: random.Random):
    yield (
        opening(rng),
        (
            "It was [late|time for bed], but {h} could not sleep. [The moon was too bright.|There was a noise at the"
            " window.|{he} was thinking of a thousand things.]"
        ),
    )
    yield (
        (
            '"[Count the stars|Shut your eyes]," said {his} {elder}. {h} counted [to a hundred|the stars, one, two,'
            " three], but {he} was still awake. So {he} [crept out of the door|looked out at the {place}]. Everything"
            " was [silver in the moonlight|dark and still]."
        ),
        look(rng),
    )
    yield (
        (
            '{f_a} was awake too. "[What do you do at night?|Can you not sleep either?]" asked {h}. "[I am'
            ' listening|I am on my way home]," said {f_h}. "[Do you hear it?|Be still for a moment.] The {place} is'
            ' breathing." And it was true: [the leaves moved softly|the brook sang very low|far away an owl called].'
        ),
    )
    yield (
        'They sat together [on the step|under the tree] and [said nothing|watched the moon]. {h} yawned. "[Good'
        ' night|Sleep well]," said {f_h}. [{his} {elder} carried {him} back to bed.|{h} went back to bed.] And before'
        " the clock struck again {he} was fast asleep and [dreamed of {place2} full of flowers|dreamed that {he}"
        " could fly|smiled in {his} sleep].".replace("dreamed of {place2}", "dreamed of a {place2}"),
    )


def ship(c: dict, rng: random.Random):
    c["beast"] = rng.choice(("whale", "dolphin", "great sea turtle", "mermaid", "seagull"))
    yield (
        opening(rng),
        (
            "[{he} had always wanted to be a sailor.|{his} greatest wish was to cross the sea.] One day {he} [built a"
            " little boat|found an old boat on the shore] and called it the [Swallow|Silver Fish|Morning Star]."
        ),
        look(rng),
    )
    yield (
        (
            "{f_a} came along, and so they sailed away, with [some {food} in a basket|a {thing} for good luck]. [The"
            " sea was smooth and blue.|For three days the wind was kind.] Then [the sky grew black|a great storm"
            ' came], and the waves were as high as [houses|hills]. "[Hold on!|We are sinking!]" cried {f_h}.'
        ),
    )
    yield (
        "[The mast broke, and the boat turned over.|A wave threw them into the water.] But a {beast} came up out of"
        ' the deep. "[Do not be afraid|Sit on my back]," it said, and [carried|brought] them to a small island, where'
        " [golden fruit hung on the trees|the sand was as white as sugar]. There they [slept until morning|ate and"
        " rested].".replace("Sit on my back", "I will help you"),
    )
    yield (
        (
            "{g_a} lived on the island, [all alone|with many children], and helped them to mend the boat. {f_h} was"
            " good at {f_skill}, and {h} [sewed a new sail|cut a new mast]. [After a week|When the wind turned] they"
            " sailed home. {his} {elder} [stood on the shore and waved|had put a lamp in the window every night]."
            ' "[There you are at last!|I knew you would come back]," {e_he} said.'
        ),
        moral(c, "home", rng),
    )


def song(c: dict, rng: random.Random):
    c["tool"] = rng.choice(("fiddle", "flute", "little drum", "harp", "tin whistle"))
    yield (
        opening(rng),
        (
            "{he} had an old {tool}, and [when {he} played, everyone stopped to listen|{he} played it from morning"
            " till night]."
        ),
        look(rng),
    )
    yield (
        (
            "One day the {tool} [was broken|fell into the water|was stolen in the night]. [How quiet it was now in"
            " the {place}!|Nobody sang any more.] {h} [sat by the road and did not know what to do|would not speak to"
            ' anyone]. {f_a} said, "[I miss your music|It is so quiet without you]."'
        ),
    )
    yield (
        (
            "So the animals held a meeting. {g_a} brought [a piece of wood|a hollow reed], {k_a} brought [a strong"
            " thread|some wax], and {f_h}, who was good at {f_skill}, [did the rest|worked all night]. In the morning"
            " a new {tool} lay at the door. It was [not beautiful|a little crooked], but when {h} played it, it"
            " sounded [like the wind in the trees|sweeter than the old one]."
        ),
    )
    yield (
        (
            "[All the birds came to listen.|Even the stones wanted to dance.] That evening there was [a dance in the"
            ' {place2}|music in every house], and they [danced until the moon went down|ate {food} and sang]. "[This'
            ' {tool} was made by my friends|There is love inside it]," said {h}, "[that is why it sounds so well|and'
            ' one can hear it]."'
        ),
        moral(c, "friend", rng),
    )


def outing(c: dict, rng: random.Random):
    c.update(person(rng))
    other = person(rng)
    while other["h"] == c["h"]:
        other = person(rng)
    add(c, "b", other)
    yield (
        (
            "[{h} and {b_h} were friends.|{h} and {b_h} lived in the same street.|One {season} day {h} and {b_h}"
            " wanted to have a picnic.] They [packed a basket with {food}|took a basket, a blanket and a {thing}] and"
            " [walked to the {place}|set out for the {place}]. It was {season}, and {weather}."
        ),
    )
    yield (
        (
            '"[Let us sit here|This is a good place]," said {b_h}. They [spread the blanket under a tree|sat down in'
            " the grass]. [Then {h} saw something move.|Suddenly they heard a rustle.] It was {f_a}, and {f_he} had"
            ' [put {f_his} nose into the basket|eaten half of the {food}]! "[Hey, that is ours!|Stop, thief!]" cried'
            " {h}."
        ),
    )
    yield (
        (
            '{f_h} [looked up in fright|hung {f_his} head]. "[I am sorry, I was so hungry|I have had nothing to eat'
            ' for two days]," {f_he} said. {h} and {b_h} looked at each other. "[There is enough for three|Well, then'
            ' sit down with us]," said {b_h}. So they ate together, and {f_h} [told funny stories|showed them where'
            " the best berries grew]."
        ),
    )
    yield (
        (
            "[Then clouds came up, and it began to rain.|When it was time to go, they could not find the path.] But"
            " {f_h} [knew a dry place|knew the way], and they [waited there until the sun came back|got home just in"
            ' time]. "[That was the best picnic of all|Tomorrow we will come again]," said {h}. And {f_h} [waved'
            " until they were gone|was already looking forward to it]."
        ),
        moral(c, "share", rng),
    )


MORE = (toy, star, learn, who_helps, trade, old_friend, egg, snowman, riddle, cloud, baby, night, ship, song, outing)
