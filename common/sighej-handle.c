/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-handle"

#include "config.h"

#include "sighej-handle.h"

#include <string.h>

#define DANISH "da"

/* A Danish adjective takes the gender of its noun: en blå hejre, et blåt egern. */
typedef struct
{
  const char *english;
  const char *danish_common;
  const char *danish_neuter;
} Adjective;

typedef struct
{
  const char *english;
  const char *danish;
  gboolean is_neuter;
} Animal;

/*
 * Both lists: nothing that is said of people to hurt them, alone or joined, in either language. A
 * number is a place in these tables: an entry may be reworded, never moved.
 */
static const Adjective adjectives[] = {
  { "Blue", "Blå", "Blåt" },
  { "Green", "Grøn", "Grønt" },
  { "Red", "Rød", "Rødt" },
  { "Golden", "Gylden", "Gyldent" },
  { "Silver", "Sølvfarvet", "Sølvfarvet" },
  { "Orange", "Orange", "Orange" },
  { "Purple", "Lilla", "Lilla" },
  { "Scarlet", "Skarlagenrød", "Skarlagenrødt" },
  { "Amber", "Ravgul", "Ravgult" },
  { "Mint", "Mintgrøn", "Mintgrønt" },
  { "Azure", "Himmelblå", "Himmelblåt" },
  { "Emerald", "Smaragdgrøn", "Smaragdgrønt" },
  { "Pink", "Lyserød", "Lyserødt" },
  { "Copper", "Kobberrød", "Kobberrødt" },
  { "Rosy", "Rosenrød", "Rosenrødt" },
  { "Striped", "Stribet", "Stribet" },
  { "Spotted", "Plettet", "Plettet" },
  { "Bright", "Lysende", "Lysende" },
  { "Shiny", "Skinnende", "Skinnende" },
  { "Velvet", "Fløjlsblød", "Fløjlsblødt" },
  { "Starry", "Stjerneklar", "Stjerneklart" },
  { "Snowy", "Snedækket", "Snedækket" },
  { "Cheerful", "Glad", "Glad" },
  { "Merry", "Munter", "Muntert" },
  { "Jolly", "Lystig", "Lystigt" },
  { "Lively", "Livlig", "Livligt" },
  { "Calm", "Rolig", "Roligt" },
  { "Gentle", "Blid", "Blidt" },
  { "Kind", "Venlig", "Venligt" },
  { "Brave", "Modig", "Modigt" },
  { "Clever", "Klog", "Klogt" },
  { "Curious", "Nysgerrig", "Nysgerrigt" },
  { "Quick", "Hurtig", "Hurtigt" },
  { "Nimble", "Adræt", "Adræt" },
  { "Playful", "Legesyg", "Legesygt" },
  { "Patient", "Tålmodig", "Tålmodigt" },
  { "Polite", "Høflig", "Høfligt" },
  { "Modest", "Beskeden", "Beskedent" },
  { "Proud", "Stolt", "Stolt" },
  { "Noble", "Ædel", "Ædelt" },
  { "Lucky", "Heldig", "Heldigt" },
  { "Loyal", "Trofast", "Trofast" },
  { "Witty", "Vittig", "Vittigt" },
  { "Dreamy", "Drømmende", "Drømmende" },
  { "Musical", "Musikalsk", "Musikalsk" },
  { "Dancing", "Dansende", "Dansende" },
  { "Wandering", "Vandrende", "Vandrende" },
  { "Helpful", "Hjælpsom", "Hjælpsomt" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (adjectives) == SIGHEJ_HANDLE_ADJECTIVES);

static const Animal animals[] = {
  { "Heron", "Hejre", FALSE },
  { "Fox", "Ræv", FALSE },
  { "Squirrel", "Egern", TRUE },
  { "Hedgehog", "Pindsvin", TRUE },
  { "Otter", "Odder", FALSE },
  { "Badger", "Grævling", FALSE },
  { "Hare", "Hare", FALSE },
  { "Deer", "Rådyr", TRUE },
  { "Elk", "Elg", FALSE },
  { "Lynx", "Los", FALSE },
  { "Falcon", "Falk", FALSE },
  { "Eagle", "Ørn", FALSE },
  { "Owl", "Ugle", FALSE },
  { "Swan", "Svane", FALSE },
  { "Lark", "Lærke", FALSE },
  { "Robin", "Rødkælk", FALSE },
  { "Finch", "Finke", FALSE },
  { "Wren", "Gærdesmutte", FALSE },
  { "Starling", "Stær", FALSE },
  { "Kingfisher", "Isfugl", FALSE },
  { "Puffin", "Lunde", FALSE },
  { "Penguin", "Pingvin", FALSE },
  { "Pelican", "Pelikan", FALSE },
  { "Crane", "Trane", FALSE },
  { "Stork", "Stork", FALSE },
  { "Flamingo", "Flamingo", FALSE },
  { "Sparrow", "Spurv", FALSE },
  { "Nightingale", "Nattergal", FALSE },
  { "Seagull", "Måge", FALSE },
  { "Avocet", "Klyde", FALSE },
  { "Parrot", "Papegøje", FALSE },
  { "Dolphin", "Delfin", FALSE },
  { "Seal", "Sæl", FALSE },
  { "Salmon", "Laks", FALSE },
  { "Octopus", "Blæksprutte", FALSE },
  { "Seahorse", "Søhest", FALSE },
  { "Turtle", "Skildpadde", FALSE },
  { "Gecko", "Gekko", FALSE },
  { "Butterfly", "Sommerfugl", FALSE },
  { "Dragonfly", "Guldsmed", FALSE },
  { "Bumblebee", "Humlebi", FALSE },
  { "Firefly", "Ildflue", FALSE },
  { "Panda", "Panda", FALSE },
  { "Koala", "Koala", FALSE },
  { "Kangaroo", "Kænguru", FALSE },
  { "Giraffe", "Giraf", FALSE },
  { "Alpaca", "Alpaka", FALSE },
  { "Reindeer", "Rensdyr", TRUE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (animals) == SIGHEJ_HANDLE_ANIMALS);

static const char *const english_spots[]
    = { "entrance",     "counter", "window", "coffee machine", "stairs", "sofa",
        "notice board", "outside", NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (english_spots) == SIGHEJ_SPOTS + 1);

static const char *const danish_spots[]
    = { "indgangen",     "disken",  "vinduet", "kaffemaskinen", "trappen", "sofaen",
        "opslagstavlen", "udenfor", NULL };
G_STATIC_ASSERT (G_N_ELEMENTS (danish_spots) == SIGHEJ_SPOTS + 1);

static gboolean
is_danish (const char *language)
{
  return g_ascii_strncasecmp (language, DANISH, strlen (DANISH)) == 0
         && !g_ascii_isalpha (language[strlen (DANISH)]);
}

char *
sighej_handle_to_text (guint handle, const char *language)
{
  const Adjective *adjective;
  const Animal *animal;

  if (handle >= SIGHEJ_HANDLES)
    return NULL;
  adjective = &adjectives[handle / SIGHEJ_HANDLE_ANIMALS];
  animal = &animals[handle % SIGHEJ_HANDLE_ANIMALS];
  if (!is_danish (language))
    return g_strjoin (" ", adjective->english, animal->english, NULL);
  return g_strjoin (" ",
                    animal->is_neuter ? adjective->danish_neuter : adjective->danish_common,
                    animal->danish,
                    NULL);
}

const char *const *
sighej_spots_get (const char *language)
{
  return is_danish (language) ? danish_spots : english_spots;
}

const char *
sighej_spot_to_text (int spot, const char *language)
{
  return spot >= 0 && spot < SIGHEJ_SPOTS ? sighej_spots_get (language)[spot] : NULL;
}

int
sighej_spot_from_text (const char *text)
{
  g_autofree char *wanted = g_utf8_validate (text, -1, NULL) ? g_utf8_casefold (text, -1) : NULL;

  for (int i = 0; wanted != NULL && i < SIGHEJ_SPOTS; i++)
    if (g_str_equal (wanted, english_spots[i]) || g_str_equal (wanted, danish_spots[i]))
      return i;
  return -1;
}
