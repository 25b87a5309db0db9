"""Which drawings of the set become things of the starter's world, the easiest to recognise first.

One line a thing: the drawing's CLDR name, what it stands on, whether its main part may be recoloured (`*`) or all of it
(`**`), and its word in captions where that is not the drawing's name.
"""

from dataclasses import dataclass
from typing import Final

GROUND, WATER, AIR = "ground", "water", "air"
_STANDS: Final = {"g": GROUND, "w": WATER, "a": AIR}

_LINES: Final = """
sunflower g
balloon a*
banana g
watermelon g
castle g
snowman g
cactus g*
penguin g
pig g*
frog g
carrot g
strawberry g
rocket a
house g*
automobile g* = car
bus g**
mushroom g*
Christmas tree g
red apple g* = apple
lion g
tiger g*
panda g
elephant g*
flamingo g*
owl g*
whale w*
crab g*
butterfly a**
lady beetle g = ladybug
honeybee a = bee
tulip g*
rose g*
pineapple g
jack-o-lantern g = pumpkin
pizza g
hamburger g = burger
doughnut g* = donut
birthday cake g = cake
sailboat w**
fire engine g* = fire truck
taxi g
tractor g*
helicopter a*
airplane a** = plane
flying saucer a = ufo
locomotive g** = train
umbrella g*
teddy bear g
wrapped gift g* = gift
soccer ball g
basketball g
fox g*
dog g*
cat g*
rabbit g*
cow g
zebra g
giraffe g
bear g*
horse g*
unicorn g
dragon g*
crocodile g
turtle g*
octopus w*
parrot g*
duck g**
swan w*
rooster g*
palm tree g
deciduous tree g* = tree
evergreen tree g = pine tree
lemon g
tangerine g = orange
tomato g*
grapes g*
cherries g*
avocado g
ear of corn g = corn
broccoli g
ice cream g
cupcake g*
popcorn g
crown g*
star a*
kite a
tent g*
volcano g
ferris wheel g
guitar g*
drum g
snail g*
fish w*
tropical fish w
shark w*
dolphin w*
jellyfish w*
spider g*
scorpion g
bat a*
wolf g*
raccoon g
monkey g*
gorilla g
deer g
camel g
koala g
polar bear g*
kangaroo g
mouse g*
chicken g*
baby chick g* = chick
eagle g
peacock g
dove a*
T-Rex g* = dinosaur
snake g*
lizard g*
lobster g
squid w*
bird g*
bicycle g** = bike
motorcycle g* = motorbike
articulated lorry g* = truck
ewe g* = sheep
goat g*
hedgehog g*
chipmunk g* = squirrel
blossom g* = flower
robot g*
ship w*
ghost g
ant g*
beetle g*
bison g
ox g
rhinoceros g = rhino
hippopotamus g = hippo
mammoth g
llama g
beaver g
sloth g
otter g
skunk g
turkey g
phoenix g
seal g
blowfish w
coral g*
cherry blossom g*
hibiscus g*
hyacinth g*
lotus w
potted plant g
bouquet g
pear g
peach g
mango g
melon g
kiwi fruit g = kiwi
blueberries g = blueberry
coconut g
eggplant g
potato g
hot pepper g* = chili
bell pepper g* = pepper
cucumber g
garlic g
onion g
bread g
croissant g
pretzel g
pancakes g = pancake
waffle g
cheese wedge g = cheese
french fries g = fries
hot dog g
sandwich g
taco g
egg g
sushi g
cookie g
pie g
chocolate bar g = chocolate
candy g*
lollipop g*
honey pot g = honey
teapot g*
wine glass g
tropical drink g = cocktail
beer mug g = beer
bubble tea g
church g
mosque g
shinto shrine g = shrine
Tokyo tower g = tower
Statue of Liberty g
factory g
fountain g
carousel horse g = carousel
roller coaster g
bullet train g
tram g
ambulance g
police car g
delivery truck g = van
racing car g* = race car
motor scooter g* = scooter
skateboard g*
roller skate g*
anchor g*
canoe w
speedboat w*
passenger ship w = cruise ship
ferry w
parachute a
satellite a
ringed planet a = planet
sun a
crescent moon a
comet a
snowflake a*
fire g
luggage g* = suitcase
alarm clock g* = clock
trophy g
baseball g
volleyball g
american football g = football
tennis g
bowling g
ice skate g
skis g
sled g*
bullseye g = target
yo-yo g*
crystal ball g
magic wand g
joystick g
game die g = die
puzzle piece g*
piñata g
nesting dolls g
artist palette g = palette
yarn g*
alien monster g
alien g
clown face g = clown
Santa Claus g = santa
astronaut g
mermaid w
fairy g
vampire g
mage g = wizard
princess g
prince g
ninja g
superhero g
zombie g
baby g
police officer g
firefighter g
cook g
farmer g
glasses g*
top hat g
backpack g*
dress g*
t-shirt g*
handbag g*
high-heeled shoe g*
running shoe g*
gem stone g*
bell g
trumpet g
violin g*
saxophone g
accordion g*
musical keyboard g = piano
microphone g
headphone g* = headphones
telephone g*
laptop g
television g
camera g
candle g
light bulb g
red paper lantern g = lantern
books g
open book g
closed book g* = book
envelope g
pencil g*
paintbrush g
scissors g*
locked g = lock
key g
hammer g
axe g
crossed swords g = sword
bow and arrow g = bow
shield g
magnet g
microscope g
telescope g
bed g
chair g*
couch and lamp g = sofa
door g
toilet g
broom g
basket g
bucket g*
bomb g
coin g
moai g
skull g
worm g
fly g
mosquito a
cricket g
shrimp w
oyster g
badger g
chestnut g
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of the table."""

    label: str
    """The drawing's name in CLDR's English."""

    word: str
    """What captions call it."""

    stands: str
    """`ground`, `water` or `air`."""

    recolors: bool
    whole: bool = False
    """Whether another colour is for all of it."""


def _read(line: str) -> Chosen:
    left, _, word = line.partition(" = ")
    label, kind = left.rsplit(" ", 1)
    return Chosen(label, word or label, _STANDS[kind[0]], "*" in kind, "**" in kind)


CHOSEN: Final[tuple[Chosen, ...]] = tuple(_read(line) for line in _LINES.strip().splitlines())
