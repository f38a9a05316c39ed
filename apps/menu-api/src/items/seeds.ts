/** A dish as the menu starts with. `picture` names a file in the images folder. */
export interface Seed {
  readonly name: string;
  /** Whole cents. */
  readonly price: number;
  readonly tagline: string;
  readonly description: string;
  readonly picture: string;
  readonly calories?: number;
  readonly category: string;
}

export const seeds: readonly Seed[] = [
  {
    name: 'Burger',
    price: 599,
    tagline: 'Flame-kissed beef, melting cheddar, a bun that holds its nerve.',
    description:
      'A thick patty of coarsely ground beef, seared hard so the edges turn crisp while the middle stays juicy. It comes on a toasted sesame bun with cheddar, ripe tomato and crunchy lettuce. A few fries and a pot of ketchup keep it company.',
    picture: 'burger.svg',
    calories: 740,
    category: 'lunch',
  },
  {
    name: 'Pizza',
    price: 299,
    tagline: 'Blistered crust, slow tomato sauce and plenty of mozzarella.',
    description:
      'Our dough rests for two days before it meets a very hot stone. On top go crushed tomatoes, torn mozzarella, spicy pepperoni and black olives, with basil added once it leaves the oven. Eat the first slice with your hands while it still steams.',
    picture: 'pizza.svg',
    calories: 860,
    category: 'lunch',
  },
  {
    name: 'Tea',
    price: 199,
    tagline: 'A proper cup, brewed strong and served with a slice of lemon.',
    description:
      'Whole-leaf black tea steeped for exactly four minutes in a cup we warm beforehand. Lemon comes in the cup and an oat biscuit on the saucer. Ask for milk and we will bring a small jug.',
    picture: 'tea.svg',
    category: 'drinks',
  },
  {
    name: 'Buttermilk Pancakes',
    price: 849,
    tagline: 'Five fluffy storeys under butter and warm maple syrup.',
    description:
      'Tangy buttermilk batter, ladled thick on the griddle so each pancake rises tall and tender. We stack five of them, crown them with salted butter and let the maple syrup find its own way down. Blueberries and a strawberry finish the plate.',
    picture: 'buttermilk-pancakes.svg',
    calories: 780,
    category: 'breakfast',
  },
  {
    name: 'Shakshuka',
    price: 1099,
    tagline: 'Eggs poached in a pan of smoky, peppery tomatoes.',
    description:
      'Tomatoes and sweet peppers simmer with cumin and smoked paprika until they turn thick and glossy. Five eggs are then cracked straight into the sauce and served while the yolks still run. Crumbled feta, parsley and grilled bread are there for the last of the pan.',
    picture: 'shakshuka.svg',
    calories: 560,
    category: 'breakfast',
  },
  {
    name: 'Avocado Toast',
    price: 949,
    tagline: 'Two thick slices: one fanned with avocado, one with a soft egg.',
    description:
      'Sourdough toasted until it crackles and spread with avocado, lime and sea salt. One slice carries a fan of avocado and chilli flakes, the other crisp radish and an egg with a jammy yolk. It is breakfast, but nobody minds at two in the afternoon.',
    picture: 'avocado-toast.svg',
    calories: 520,
    category: 'breakfast',
  },
  {
    name: 'Berry Granola Bowl',
    price: 749,
    tagline: 'Cool yoghurt, honeyed oats and whatever the berry patch gave us.',
    description:
      'Oats, almonds and pumpkin seeds are baked slowly with honey until they clump. They go over thick yoghurt with sliced banana, strawberries and blueberries. Fresh mint keeps every spoonful bright.',
    picture: 'berry-granola-bowl.svg',
    calories: 430,
    category: 'breakfast',
  },
  {
    name: 'Lemon Tart',
    price: 599,
    tagline: 'Sharp, silky curd in a shell that shatters politely.',
    description:
      'A crisp butter crust filled to the brim with curd made from whole lemons. Little clouds of toasted meringue ring the edge and take the sting out of the citrus. Best eaten slowly, with something hot to drink.',
    picture: 'lemon-tart.svg',
    calories: 410,
    category: 'desserts',
  },
  {
    name: 'Chocolate Layer Cake',
    price: 699,
    tagline: 'Dark sponge, vanilla cream and a glaze that drips.',
    description:
      'Four layers of moist cocoa sponge are sandwiched with light vanilla cream. A bittersweet glaze is poured over while still warm, so it sets in long, shiny drips. Raspberries on top cut through the richness.',
    picture: 'chocolate-layer-cake.svg',
    calories: 620,
    category: 'desserts',
  },
  {
    name: 'Strawberry Sundae',
    price: 649,
    tagline: 'Three scoops, one cherry, no regrets.',
    description:
      'Strawberry and vanilla ice cream churned in our own kitchen, piled into a tall glass over macerated berries. A warm strawberry sauce runs down the sides and whipped cream goes on last. The wafer is for scooping, not decoration.',
    picture: 'strawberry-sundae.svg',
    calories: 540,
    category: 'desserts',
  },
  {
    name: 'Glazed Doughnuts',
    price: 549,
    tagline: 'A trio still warm from the fryer, each dressed for a different mood.',
    description:
      'Yeast-raised rings, fried until golden and light enough to squash between two fingers. One wears raspberry icing and sprinkles, one dark chocolate with white stripes, and one plain cinnamon sugar. Share them if you must.',
    picture: 'glazed-doughnuts.svg',
    calories: 890,
    category: 'desserts',
  },
  {
    name: 'Café au Lait',
    price: 349,
    tagline: 'Half strong coffee, half steamed milk, wholly comforting.',
    description:
      'Dark-roasted coffee meets an equal measure of hot, velvety milk in a wide cup. The foam is poured by hand, so every leaf turns out a little different. A butter croissant comes alongside for dipping.',
    picture: 'cafe-au-lait.svg',
    calories: 380,
    category: 'drinks',
  },
  {
    name: 'Mint Lemonade',
    price: 399,
    tagline: 'Tall, icy and just the right side of sour.',
    description:
      'Lemons are squeezed each morning and stirred with cane sugar and cold spring water. Bruised mint and plenty of ice turn it into the quickest way out of a hot afternoon. Refills cost nothing before noon.',
    picture: 'mint-lemonade.svg',
    calories: 140,
    category: 'drinks',
  },
  {
    name: 'Orange Juice',
    price: 379,
    tagline: 'Four oranges, one glass, nothing else.',
    description:
      'Pressed when you order it and poured with the pulp left in. We switch between varieties through the year, so it is sweeter in winter and brighter in spring.',
    picture: 'orange-juice.svg',
    calories: 130,
    category: 'drinks',
  },
  {
    name: 'Fish Tacos',
    price: 1149,
    tagline: 'Crisp cod, cool cabbage and a squeeze of lime.',
    description:
      'Three corn tortillas are toasted over an open flame and filled with cod in a light, crackling batter. Pickled red onion, diced tomato and shredded cabbage add the crunch. Finish them with lime and the smoky cream sauce.',
    picture: 'fish-tacos.svg',
    calories: 650,
    category: 'lunch',
  },
  {
    name: 'Spaghetti al Pomodoro',
    price: 999,
    tagline: 'The simplest plate on the menu, and the hardest to leave.',
    description:
      'Bronze-cut spaghetti tossed in a sauce of ripe tomatoes, garlic and good olive oil. It is cooked only until the pasta still bites back. Shaved parmesan and whole basil leaves go on at the table.',
    picture: 'spaghetti-pomodoro.svg',
    calories: 690,
    category: 'lunch',
  },
  {
    name: 'Salmon Poke Bowl',
    price: 1349,
    tagline: 'Silky salmon and a garden of crunch over warm rice.',
    description:
      'Cubes of raw salmon are dressed with soy, sesame and a little ginger. Around them sit edamame, carrot, cucumber, avocado and seaweed on seasoned sushi rice. Mix it all up or eat it clockwise.',
    picture: 'salmon-poke-bowl.svg',
    calories: 610,
    category: 'lunch',
  },
  {
    name: 'Rosemary Fries',
    price: 449,
    tagline: 'Twice fried, once tossed with rosemary and flaky salt.',
    description:
      'Floury potatoes are cut by hand and fried twice, first to soften and then to crisp. Fresh rosemary goes into the hot oil for the final seconds. They come with ketchup, or with garlic mayonnaise if you ask.',
    picture: 'rosemary-fries.svg',
    calories: 480,
    category: 'sides',
  },
  {
    name: '7-Layer Salad',
    price: 799,
    tagline: 'Dig deep: every spoonful should reach the lettuce.',
    description:
      'Crisp lettuce, tomato, egg, peas, cheddar and smoked bacon are stacked in a glass bowl under a blanket of chive cream. It rests overnight so the layers settle and the flavours mingle. Enough for two who like each other.',
    picture: '7-layer-salad.svg',
    calories: 460,
    category: 'sides',
  },
  {
    name: 'Grilled Corn',
    price: 549,
    tagline: 'Charred, buttered and dusted with chilli.',
    description:
      'Three cobs are grilled in their husks until sweet and smoky, then rolled in melted butter. Chilli, coriander and crumbled white cheese cling to every kernel. Wear the lime juice with pride.',
    picture: 'grilled-corn.svg',
    calories: 390,
    category: 'sides',
  },
  {
    name: 'Onion Rings',
    price: 499,
    tagline: 'Loud, golden and gone before the mains arrive.',
    description:
      'Sweet onions are cut thick, dipped in a sparkling-water batter and fried until they rattle on the board. A cool chive dip waits in the corner.',
    picture: 'onion-rings.svg',
    calories: 510,
    category: 'sides',
  },
  {
    name: 'Tomato Soup',
    price: 649,
    tagline: 'Roasted tomatoes, a ribbon of cream and a toastie on the side.',
    description:
      'Tomatoes and garlic roast for an hour before we blend them smooth with vegetable stock. A swirl of cream, basil and crunchy croutons go on top. The grilled cheese sandwich is made for dunking.',
    picture: 'tomato-soup.svg',
    calories: 540,
    category: 'soups',
  },
  {
    name: 'Pumpkin Soup',
    price: 749,
    tagline: 'Autumn, served in its own shell.',
    description:
      'Roasted pumpkin is puréed with ginger, nutmeg and a splash of coconut milk, then poured back into the hollowed shell. Toasted seeds and sage leaves add crackle and perfume.',
    picture: 'pumpkin-soup.svg',
    calories: 320,
    category: 'soups',
  },
  {
    name: 'Miso Ramen',
    price: 1299,
    tagline: 'A deep, savoury broth that took all night to make.',
    description:
      'Springy wheat noodles lie in a broth of chicken bones, dried mushrooms and red miso. Rolled pork belly, a marinated egg, bamboo shoots, fish cake and nori share the bowl. Slurping is not only allowed, it is advised.',
    picture: 'miso-ramen.svg',
    calories: 820,
    category: 'soups',
  },
  {
    name: 'Borscht',
    price: 699,
    tagline: 'Ruby-red beetroot with a cool spoonful of sour cream.',
    description:
      'Beetroot, cabbage, carrot and potato simmer gently until sweet, then get a dash of vinegar to wake them up. We serve it hot with sour cream, fresh dill and dark rye bread. It tastes better on the second day, so that is when we serve it.',
    picture: 'borscht.svg',
    calories: 290,
    category: 'soups',
  },
];
