/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-phrase"

#include "config.h"

#include "sighej-phrase.h"

#include <string.h>

#include "sighej-crypto.h"

#define COMMIT_LABEL "SigHej/1 phrase"
#define PROMISE_LABEL "SigHej/1 joiner"
#define WORDS_LABEL "SigHej/1 words"

enum
{
  ENGLISH,
  DANISH,
  N_LANGUAGES
};

/*
 * Things one can draw, each by its name in both languages, so that an English and a Danish screen
 * can be compared too. Within a language no two begin with the same four letters, and at least two
 * letters differ. Numbers are for ever: a word is replaced, never moved.
 */
static const char *const words[SIGHEJ_PHRASE_VOCABULARY][N_LANGUAGES] = {
  { "airport", "lufthavn" },
  { "anchor", "anker" },
  { "apple", "æble" },
  { "artist", "kunstner" },
  { "athlete", "atlet" },
  { "autumn", "efterår" },
  { "axe", "økse" },
  { "bakery", "bageri" },
  { "balcony", "altan" },
  { "balloon", "ballon" },
  { "banana", "banan" },
  { "barrel", "tønde" },
  { "basket", "kurv" },
  { "bear", "bjørn" },
  { "beaver", "bæver" },
  { "bed", "seng" },
  { "bell", "klokke" },
  { "bicycle", "cykel" },
  { "birch", "birk" },
  { "biscuit", "kiks" },
  { "blossom", "blomst" },
  { "boot", "støvle" },
  { "bottle", "flaske" },
  { "branch", "gren" },
  { "bread", "brød" },
  { "bridge", "bro" },
  { "brown", "brun" },
  { "brush", "børste" },
  { "bus", "bus" },
  { "butter", "smør" },
  { "cactus", "kaktus" },
  { "calf", "kalv" },
  { "camera", "kamera" },
  { "carpenter", "tømrer" },
  { "carrot", "gulerod" },
  { "castle", "slot" },
  { "ceiling", "loft" },
  { "celery", "selleri" },
  { "chair", "stol" },
  { "cherry", "kirsebær" },
  { "chess", "skak" },
  { "chicken", "kylling" },
  { "chimney", "skorsten" },
  { "chocolate", "chokolade" },
  { "cinema", "biograf" },
  { "cinnamon", "kanel" },
  { "circus", "cirkus" },
  { "clay", "ler" },
  { "cliff", "klippe" },
  { "coast", "kyst" },
  { "coconut", "kokosnød" },
  { "comb", "kam" },
  { "compass", "kompas" },
  { "copper", "kobber" },
  { "coral", "koral" },
  { "corn", "majs" },
  { "cotton", "bomuld" },
  { "crab", "krabbe" },
  { "crystal", "krystal" },
  { "cucumber", "agurk" },
  { "cup", "kop" },
  { "curtain", "gardin" },
  { "daisy", "tusindfryd" },
  { "dance", "dans" },
  { "dentist", "tandlæge" },
  { "detective", "detektiv" },
  { "diamond", "diamant" },
  { "dinner", "aftensmad" },
  { "dinosaur", "dinosaur" },
  { "doctor", "læge" },
  { "dolphin", "delfin" },
  { "door", "dør" },
  { "dragon", "drage" },
  { "drawer", "skuffe" },
  { "eagle", "ørn" },
  { "elbow", "albue" },
  { "elephant", "elefant" },
  { "emerald", "smaragd" },
  { "envelope", "konvolut" },
  { "factory", "fabrik" },
  { "feather", "fjer" },
  { "fire", "ild" },
  { "fish", "fisk" },
  { "flag", "flag" },
  { "flamingo", "flamingo" },
  { "flute", "fløjte" },
  { "forest", "skov" },
  { "fork", "gaffel" },
  { "fountain", "springvand" },
  { "fox", "ræv" },
  { "frog", "frø" },
  { "gardener", "gartner" },
  { "garlic", "hvidløg" },
  { "giraffe", "giraf" },
  { "glacier", "gletsjer" },
  { "goat", "ged" },
  { "gold", "guld" },
  { "guitar", "guitar" },
  { "hammer", "hammer" },
  { "harbour", "havn" },
  { "hare", "hare" },
  { "hawk", "høg" },
  { "hedgehog", "pindsvin" },
  { "helicopter", "helikopter" },
  { "helmet", "hjelm" },
  { "hill", "bakke" },
  { "horse", "hest" },
  { "hospital", "hospital" },
  { "iron", "jern" },
  { "jam", "marmelade" },
  { "jellyfish", "vandmand" },
  { "juice", "saft" },
  { "jungle", "jungle" },
  { "kangaroo", "kænguru" },
  { "key", "nøgle" },
  { "kingdom", "kongerige" },
  { "kitchen", "køkken" },
  { "knee", "knæ" },
  { "ladder", "stige" },
  { "lamp", "lampe" },
  { "lavender", "lavendel" },
  { "leaf", "blad" },
  { "lemon", "citron" },
  { "leopard", "leopard" },
  { "lettuce", "salat" },
  { "library", "bibliotek" },
  { "lighthouse", "fyrtårn" },
  { "lion", "løve" },
  { "magnet", "magnet" },
  { "map", "landkort" },
  { "medicine", "medicin" },
  { "microscope", "mikroskop" },
  { "midnight", "midnat" },
  { "mirror", "spejl" },
  { "moon", "måne" },
  { "moss", "mos" },
  { "motorcycle", "motorcykel" },
  { "museum", "museum" },
  { "mushroom", "svamp" },
  { "mustard", "sennep" },
  { "necklace", "halskæde" },
  { "needle", "nål" },
  { "nest", "rede" },
  { "newspaper", "avis" },
  { "night", "nat" },
  { "nose", "næse" },
  { "nut", "nød" },
  { "ocean", "ocean" },
  { "office", "kontor" },
  { "olive", "oliven" },
  { "opera", "opera" },
  { "orange", "appelsin" },
  { "orchestra", "orkester" },
  { "ostrich", "struds" },
  { "oven", "ovn" },
  { "owl", "ugle" },
  { "oyster", "østers" },
  { "paint", "maling" },
  { "palace", "palads" },
  { "panda", "panda" },
  { "paper", "papir" },
  { "parachute", "faldskærm" },
  { "parsley", "persille" },
  { "passport", "pas" },
  { "peacock", "påfugl" },
  { "pearl", "perle" },
  { "pelican", "pelikan" },
  { "pencil", "blyant" },
  { "perfume", "parfume" },
  { "pharmacy", "apotek" },
  { "piano", "klaver" },
  { "pigeon", "due" },
  { "pilot", "pilot" },
  { "pineapple", "ananas" },
  { "planet", "planet" },
  { "platform", "perron" },
  { "postcard", "postkort" },
  { "potato", "kartoffel" },
  { "prince", "prins" },
  { "pumpkin", "græskar" },
  { "puzzle", "puslespil" },
  { "pyramid", "pyramide" },
  { "queen", "dronning" },
  { "radio", "radio" },
  { "rainbow", "regnbue" },
  { "raspberry", "hindbær" },
  { "reindeer", "rensdyr" },
  { "restaurant", "restaurant" },
  { "ribbon", "bånd" },
  { "rice", "ris" },
  { "ring", "ring" },
  { "robot", "robot" },
  { "rocket", "raket" },
  { "roof", "tag" },
  { "rope", "reb" },
  { "rubber", "gummi" },
  { "sack", "sæk" },
  { "saxophone", "saxofon" },
  { "scarf", "tørklæde" },
  { "school", "skole" },
  { "scissors", "saks" },
  { "shadow", "skygge" },
  { "sheep", "får" },
  { "shirt", "skjorte" },
  { "shoulder", "skulder" },
  { "silk", "silke" },
  { "silver", "sølv" },
  { "skyscraper", "højhus" },
  { "snow", "sne" },
  { "soap", "sæbe" },
  { "sparrow", "spurv" },
  { "spinach", "spinat" },
  { "squirrel", "egern" },
  { "stairs", "trappe" },
  { "star", "stjerne" },
  { "station", "station" },
  { "stone", "sten" },
  { "strawberry", "jordbær" },
  { "street", "gade" },
  { "submarine", "ubåd" },
  { "sugar", "sukker" },
  { "suitcase", "kuffert" },
  { "sunflower", "solsikke" },
  { "tailor", "skrædder" },
  { "telescope", "teleskop" },
  { "tent", "telt" },
  { "theatre", "teater" },
  { "thunder", "torden" },
  { "tournament", "turnering" },
  { "towel", "håndklæde" },
  { "tractor", "traktor" },
  { "tree", "træ" },
  { "triangle", "trekant" },
  { "trumpet", "trompet" },
  { "tulip", "tulipan" },
  { "tunnel", "tunnel" },
  { "turtle", "skildpadde" },
  { "umbrella", "paraply" },
  { "valley", "dal" },
  { "vase", "vase" },
  { "vinegar", "eddike" },
  { "violin", "violin" },
  { "volcano", "vulkan" },
  { "waiter", "tjener" },
  { "walnut", "valnød" },
  { "wardrobe", "klædeskab" },
  { "wave", "bølge" },
  { "wedding", "bryllup" },
  { "whale", "hval" },
  { "wheat", "hvede" },
  { "whistle", "piv" },
  { "wind", "vind" },
  { "wizard", "troldmand" },
  { "wolf", "ulv" },
  { "yoghurt", "yoghurt" },
  { "zebra", "zebra" },
};

/* SHA-256 (@label || @key || @number). */
static void
hash_number (
    const char *label, const guint8 *key, const guint8 *number, gsize n_number, guint8 *out)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();

  g_byte_array_append (text, (const guint8 *) label, strlen (label));
  g_byte_array_append (text, key, SIGHEJ_PEER_KEY_BYTES);
  g_byte_array_append (text, number, n_number);
  sighej_sha256 (text->data, text->len, out);
  sighej_wipe (text->data, text->len);
}

void
sighej_phrase_commit (const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                      const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                      guint8 out[SIGHEJ_COMMIT_BYTES])
{
  hash_number (COMMIT_LABEL, key, nonce, SIGHEJ_PHRASE_NONCE_BYTES, out);
}

gboolean
sighej_phrase_opens (const guint8 commit[SIGHEJ_COMMIT_BYTES],
                     const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                     const guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES])
{
  guint8 expected[SIGHEJ_COMMIT_BYTES];

  sighej_phrase_commit (key, nonce, expected);
  return sighej_equal_constant_time (commit, expected, sizeof expected);
}

void
sighej_phrase_promise (const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                       const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES],
                       guint8 out[SIGHEJ_PHRASE_NONCE_BYTES])
{
  guint8 digest[SIGHEJ_SHA256_BYTES];

  hash_number (PROMISE_LABEL, key, secret, SIGHEJ_PHRASE_SECRET_BYTES, digest);
  memcpy (out, digest, SIGHEJ_PHRASE_NONCE_BYTES);
}

gboolean
sighej_phrase_keeps (const guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES],
                     const guint8 key[SIGHEJ_PEER_KEY_BYTES],
                     const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES])
{
  guint8 expected[SIGHEJ_PHRASE_NONCE_BYTES];

  sighej_phrase_promise (key, secret, expected);
  return sighej_equal_constant_time (promise, expected, sizeof expected);
}

void
sighej_phrase_compute (const guint8 creator_key[SIGHEJ_PEER_KEY_BYTES],
                       const guint8 creator_nonce[SIGHEJ_PHRASE_NONCE_BYTES],
                       const guint8 joiner_key[SIGHEJ_PEER_KEY_BYTES],
                       const guint8 joiner_secret[SIGHEJ_PHRASE_SECRET_BYTES],
                       guint8 out[SIGHEJ_PHRASE_WORDS])
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 digest[SIGHEJ_SHA256_BYTES];

  g_byte_array_append (text, (const guint8 *) WORDS_LABEL, strlen (WORDS_LABEL));
  g_byte_array_append (text, creator_key, SIGHEJ_PEER_KEY_BYTES);
  g_byte_array_append (text, creator_nonce, SIGHEJ_PHRASE_NONCE_BYTES);
  g_byte_array_append (text, joiner_key, SIGHEJ_PEER_KEY_BYTES);
  g_byte_array_append (text, joiner_secret, SIGHEJ_PHRASE_SECRET_BYTES);
  sighej_sha256 (text->data, text->len, digest);
  sighej_wipe (text->data, text->len);
  memcpy (out, digest, SIGHEJ_PHRASE_WORDS);
}

const char *
sighej_phrase_get_word (guint8 number, const char *language)
{
  return words[number][g_strcmp0 (language, "da") == 0 ? DANISH : ENGLISH];
}

char *
sighej_phrase_to_text (const guint8 phrase[SIGHEJ_PHRASE_WORDS], const char *language)
{
  const char *chosen[SIGHEJ_PHRASE_WORDS + 1] = { NULL };

  for (guint i = 0; i < SIGHEJ_PHRASE_WORDS; i++)
    chosen[i] = sighej_phrase_get_word (phrase[i], language);
  return g_strjoinv (" ", (GStrv) chosen);
}
