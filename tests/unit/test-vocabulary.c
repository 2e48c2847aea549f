/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "sighej-vocabulary.h"

#define CATEGORIES                                                                                 \
  "# a comment\n"                                                                                  \
  "games\tGames\tSpil\n"                                                                           \
  "other\tOther\tAndet\n"

#define INTERESTS                                                                                  \
  "# a comment\n"                                                                                  \
  "\n"                                                                                             \
  "board-games\tgames\tBoard games\tBrætspil\tboard game, catan\n"                                \
  "chess\tgames\tChess\tSkak\n"

static SighejVocabulary *
new_from_text (const char *interests, const char *categories, GError **error)
{
  g_autoptr (GBytes) interest_bytes = g_bytes_new_static (interests, strlen (interests));
  g_autoptr (GBytes) category_bytes = g_bytes_new_static (categories, strlen (categories));

  return sighej_vocabulary_new_from_bytes (interest_bytes, category_bytes, error);
}

/* What the backend serves, parsed; lives as long as @parser. */
static JsonObject *
parse_json (JsonParser *parser, SighejVocabulary *vocabulary)
{
  GBytes *json = sighej_vocabulary_get_json (vocabulary);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (json, &n_bytes);

  g_assert_true (json_parser_load_from_data (parser, data, n_bytes, &error));
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
assert_resolves (const char *text, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *resolved
      = sighej_vocabulary_resolve (sighej_vocabulary_get_default (), text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (resolved, ==, id);
}

/* The ids found, separated by blanks. */
static char *
search_ids (SighejVocabulary *vocabulary, const char *query, const char *language, guint limit)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) hits = sighej_vocabulary_search (vocabulary, query, language, limit, &error);
  GString *ids = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < hits->len; i++)
    {
      if (i > 0)
        g_string_append_c (ids, ' ');
      g_string_append (ids, g_array_index (hits, SighejVocabularyHit, i).id);
    }
  return g_string_free (ids, FALSE);
}

/* The vocabulary we ship */

static void
test_has_enough_of_both (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *json = parse_json (parser, sighej_vocabulary_get_default ());

  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (json, "interests")), >=, 320);
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (json, "categories")), >=, 16);
}

static void
test_every_category_has_interests (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *json = parse_json (parser, sighej_vocabulary_get_default ());
  JsonArray *interests = json_object_get_array_member (json, "interests");
  JsonArray *categories = json_object_get_array_member (json, "categories");

  for (guint i = 0; i < json_array_get_length (interests); i++)
    {
      JsonObject *interest = json_array_get_object_element (interests, i);
      const char *category = json_object_get_string_member (interest, "category");
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, category));

      g_hash_table_replace (counts, (char *) category, GUINT_TO_POINTER (count + 1));
    }

  for (guint i = 0; i < json_array_get_length (categories); i++)
    {
      JsonObject *category = json_array_get_object_element (categories, i);
      const char *id = json_object_get_string_member (category, "id");
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, id));

      if (g_str_equal (id, SIGHEJ_VOCABULARY_CATEGORY_OTHER))
        g_assert_cmpuint (count, ==, 0);
      else
        g_assert_cmpuint (count, >=, 15);
    }
}

/* Labels in both languages, and some that are not the English word again. */
static void
test_labels_are_danish_and_english (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *json = parse_json (parser, sighej_vocabulary_get_default ());
  JsonArray *interests = json_object_get_array_member (json, "interests");
  guint n_interests = json_array_get_length (interests);
  guint n_danish = 0;

  for (guint i = 0; i < n_interests; i++)
    {
      JsonObject *interest = json_array_get_object_element (interests, i);
      const char *english = json_object_get_string_member (interest, "en");
      const char *danish = json_object_get_string_member (interest, "da");

      g_assert_cmpstr (english, !=, "");
      g_assert_cmpstr (danish, !=, "");
      if (!g_str_equal (english, danish))
        n_danish++;
    }
  g_assert_cmpuint (n_danish, >, n_interests / 2);
}

/* Every word leads to its own interest, from the document a client reads. */
static void
test_every_word_leads_to_its_id (void)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObject *json = parse_json (parser, vocabulary);
  JsonArray *interests = json_object_get_array_member (json, "interests");

  for (guint i = 0; i < json_array_get_length (interests); i++)
    {
      JsonObject *interest = json_array_get_object_element (interests, i);
      const char *id = json_object_get_string_member (interest, "id");
      JsonArray *synonyms = json_object_get_array_member (interest, "synonyms");

      g_assert_true (g_hash_table_add (ids, (char *) id));
      assert_resolves (id, id);
      assert_resolves (json_object_get_string_member (interest, "en"), id);
      assert_resolves (json_object_get_string_member (interest, "da"), id);
      for (guint j = 0; j < json_array_get_length (synonyms); j++)
        assert_resolves (json_array_get_string_element (synonyms, j), id);
      g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, id),
                       ==,
                       json_object_get_string_member (interest, "category"));
    }
}

static void
test_knows_the_words_of_the_design (void)
{
  static const char *const ids[]
      = { "devops", "hardstyle", "board-games", "jazz", "techno", "linux", "python", "philosophy" };
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      assert_resolves (ids[i], ids[i]);
      g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, ids[i]), !=, "other");
    }
  g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, "devops"), ==, "tech");
  g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, "hardstyle"), ==, "music");
  g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, "philosophy"), ==, "philosophy");
}

/* Words */

static void
test_spellings_are_one_word (void)
{
  static const char *const spellings[] = {
    "board-games",     "Board games",      "boardgames",       "board_games",
    " BOARD   GAMES ", "board\u2010games", "ｂｏａｒｄ games", "brætspil",
    "BRÆTSPIL",        "braetspil",        "bræt-spil",        "board game",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (spellings); i++)
    assert_resolves (spellings[i], "board-games");
  assert_resolves ("K8s", "containers");
  assert_resolves ("ungarsk-karry", "ungarsk-karry");
  assert_resolves ("øl", "craft-beer");
  assert_resolves ("oel", "craft-beer");
  assert_resolves ("repair café", "repair-cafe");
  assert_resolves ("childrens books", "childrens-books");
  assert_resolves ("Children’s Books", "childrens-books");
  assert_resolves ("C++", "c-plus-plus");
  assert_resolves ("c", "c-language");
  assert_resolves ("c#", "c-sharp");
  assert_resolves ("日本語", "japanese");
}

static void
test_unknown_text_stays_itself (void)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  const char *unknown = "blå-grønne snegle";

  assert_resolves ("  Blå-Grønne   Snegle", unknown);
  assert_resolves ("-", "-");
  g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, unknown), ==, "other");
  g_assert_cmpstr (sighej_vocabulary_get_category (vocabulary, "Board games"), ==, "other");
  g_assert_cmpstr (sighej_vocabulary_get_label (vocabulary, unknown, "da"), ==, unknown);
}

static void
test_invalid_text_is_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_vocabulary_resolve (sighej_vocabulary_get_default (), "a\n", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
}

static void
test_list_merges_synonyms (void)
{
  const char *const texts[] = { "Brætspil", "my own thing", "boardgames", "DevOps", NULL };
  const char *const expected[] = { "board-games", "my own thing", "devops", NULL };
  const char *const nothing[] = { NULL };
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = sighej_vocabulary_resolve_list (vocabulary, texts, &error);

  g_assert_no_error (error);
  g_assert_cmpstrv (ids, expected);
  g_assert_null (sighej_vocabulary_resolve_list (vocabulary, nothing, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
}

static void
test_label_speaks_the_language (void)
{
  static const char *const danish[] = { "da", "da_DK", "da-DK", "da_DK.UTF-8", "DA" };
  static const char *const english[] = { "en", "en_GB", "de", "dan", "d", "", "C", NULL };
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();

  for (gsize i = 0; i < G_N_ELEMENTS (danish); i++)
    g_assert_cmpstr (
        sighej_vocabulary_get_label (vocabulary, "board-games", danish[i]), ==, "Brætspil");
  for (gsize i = 0; i < G_N_ELEMENTS (english); i++)
    g_assert_cmpstr (
        sighej_vocabulary_get_label (vocabulary, "board-games", english[i]), ==, "Board games");

  g_assert_cmpstr (
      sighej_vocabulary_get_category_label (vocabulary, "food", "da"), ==, "Mad og drikke");
  g_assert_cmpstr (
      sighej_vocabulary_get_category_label (vocabulary, "food", NULL), ==, "Food and drink");
  g_assert_cmpstr (sighej_vocabulary_get_category_label (vocabulary, "new", "da"), ==, "new");
}

/* Search */

#define SEARCH_INTERESTS                                                                           \
  "skate\tgames\tSkate\tSkøjte\n"                                                                 \
  "ice-skate\tgames\tIce skate\tIsskøjte\tlong-blade skates\n"                                    \
  "cheapskate\tgames\tCheapskate\tGnier\n"                                                         \
  "skater-park\tgames\tSkaters' park\tRampe\tskate place\n"                                        \
  "a-skatebord\tgames\tA wooden board\tBræt\n"                                                    \
  "chess\tgames\tChess\tSkak\n"

static void
test_search_puts_the_best_first (void)
{
  g_autoptr (SighejVocabulary) vocabulary = new_from_text (SEARCH_INTERESTS, CATEGORIES, NULL);
  g_autofree char *english = search_ids (vocabulary, "Skate", "en", 0);
  g_autofree char *two_words = search_ids (vocabulary, "ice-sk", "en", 0);
  g_autofree char *danish = search_ids (vocabulary, "skojte", "da", 0);
  g_autofree char *typed = search_ids (vocabulary, "SKØJTE", "da", 0);
  g_autofree char *nothing = search_ids (vocabulary, "zebra", "da", 0);

  g_assert_cmpstr (english, ==, "skate skater-park ice-skate a-skatebord cheapskate");
  g_assert_cmpstr (two_words, ==, "ice-skate");
  g_assert_cmpstr (danish, ==, "");
  g_assert_cmpstr (typed, ==, "skate ice-skate");
  g_assert_cmpstr (nothing, ==, "");
}

static void
test_search_prefers_the_label_shown (void)
{
  g_autoptr (SighejVocabulary) vocabulary
      = new_from_text ("first\tgames\tAlpha\tZeta\nsecond\tgames\tZeal\tBeta\n", CATEGORIES, NULL);
  g_autofree char *english = search_ids (vocabulary, "ze", "en", 0);
  g_autofree char *danish = search_ids (vocabulary, "ze", "da", 0);

  g_assert_cmpstr (english, ==, "second first");
  g_assert_cmpstr (danish, ==, "first second");
}

static void
test_search_hit_is_complete (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) hits
      = sighej_vocabulary_search (sighej_vocabulary_get_default (), "brætspil", "da_DK", 1, &error);
  const SighejVocabularyHit *hit;

  g_assert_no_error (error);
  g_assert_cmpuint (hits->len, ==, 1);
  hit = &g_array_index (hits, SighejVocabularyHit, 0);
  g_assert_cmpstr (hit->id, ==, "board-games");
  g_assert_cmpstr (hit->label, ==, "Brætspil");
  g_assert_cmpstr (hit->category, ==, "games");
}

static void
test_search_is_bounded (void)
{
  static const guint limits[] = { 0, 1, 49, 50, 51, G_MAXUINT };
  static const guint expected[] = { 50, 1, 49, 50, 50, 50 };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GArray) hits
          = sighej_vocabulary_search (sighej_vocabulary_get_default (), "", "en", limits[i], NULL);

      g_assert_cmpuint (hits->len, ==, expected[i]);
    }
}

static void
test_search_blank_lists_by_label (void)
{
  g_autoptr (SighejVocabulary) vocabulary = new_from_text (INTERESTS, CATEGORIES, NULL);
  g_autofree char *english = search_ids (vocabulary, "  ", "en", 0);
  g_autofree char *danish = search_ids (vocabulary, "", "da", 0);

  g_assert_cmpstr (english, ==, "board-games chess");
  g_assert_cmpstr (danish, ==, "board-games chess");
}

static void
test_search_refuses_what_is_no_interest (void)
{
  static const char *const queries[]
      = { "a\n", "\xFF", "\u202E", "abcdefghijklmnopqrstuvwxyzabcdefghijklmno" };

  for (gsize i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sighej_vocabulary_search (
          sighej_vocabulary_get_default (), queries[i], "en", 10, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
    }
}

/* Files */

typedef struct
{
  const char *interests;
  const char *categories;
  const char *message; /* start of it */
} Broken;

static const Broken broken[] = {
  { INTERESTS "go\tgames\tGo\n", CATEGORIES, "interests: line 5, column 4: a column is missing" },
  { INTERESTS "go\tgames\tGo\tGo\tigo\tx\n",
    CATEGORIES,
    "interests: line 5, column 6: one column" },
  { "a\tb\tc\td\te\tf\tg", CATEGORIES, "interests: line 1, column 6: one column" },
  { INTERESTS "Go\tgames\tGo\tGo\n", CATEGORIES, "interests: line 5, column 1: an id is" },
  { "\tgames\tGo\tGo\n", CATEGORIES, "interests: line 1, column 1: an id is" },
  { "abcdefghijklmnopqrstuvwxyzabcdefghijklmno\tgames\tGo\tGo\n",
    CATEGORIES,
    "interests: line 1, column 1: an id is" },
  { "---\tgames\tGo\tGo\n", CATEGORIES, "interests: line 1, column 1: \"---\" holds nothing" },
  { INTERESTS "chess\tgames\tX\tX\n",
    CATEGORIES,
    "interests: line 5, column 1: interest \"chess\"" },
  { INTERESTS "x\tgame\tX\tX\n", CATEGORIES, "interests: line 5, column 2: there is no" },
  { INTERESTS "x\tgames\tSkak\tX\n",
    CATEGORIES,
    "interests: line 5, column 3: \"Skak\" already leads to \"chess\"" },
  { INTERESTS "x\tgames\tX\tBoardgames\n",
    CATEGORIES,
    "interests: line 5, column 4: \"Boardgames\"" },
  { INTERESTS "x\tgames\tX\t\n", CATEGORIES, "interests: line 5, column 4: an interest has" },
  { INTERESTS "x\tgames\tX\tX\tfine, Catan\n",
    CATEGORIES,
    "interests: line 5, column 5: \" Catan\" already" },
  { INTERESTS "x\tgames\tX\tX\tfine,\n",
    CATEGORIES,
    "interests: line 5, column 5: an interest has" },
  { INTERESTS "x\tgames\tX\tX\r\n", CATEGORIES, "interests: line 5, column 4: an interest holds" },
  { "x\tgames\tX\xFF\tX\n", CATEGORIES, "interests: not UTF-8" },
  { INTERESTS,
    CATEGORIES "games\tGames\tSpil\n",
    "categories: line 4, column 1: category \"games\"" },
  { INTERESTS, CATEGORIES "x\tX\n", "categories: line 4, column 3: a column is missing" },
  { INTERESTS, CATEGORIES "x\tX\tX\tX\n", "categories: line 4, column 4: one column" },
  { INTERESTS, CATEGORIES "x\tX\t\n", "categories: line 4, column 3: an interest has" },
  { INTERESTS, "games\tGames\tSpil\n", "categories: there is no category \"other\"" },
  { "", "", "categories: there is no category \"other\"" },
};

static void
test_broken_file_names_the_place (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (new_from_text (broken[i].interests, broken[i].categories, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      if (!g_str_has_prefix (error->message, broken[i].message))
        g_error ("%" G_GSIZE_FORMAT ": %s", i, error->message);
    }
}

static void
test_too_large_a_file_is_refused (void)
{
  gsize n_bytes = SIGHEJ_VOCABULARY_BYTES_MAX + 1;
  char *text = g_malloc (n_bytes);
  g_autoptr (GBytes) large = g_bytes_new_take (text, n_bytes);
  g_autoptr (GBytes) categories = g_bytes_new_static (CATEGORIES, strlen (CATEGORIES));
  g_autoptr (GError) error = NULL;

  memset (text, '#', n_bytes);
  g_assert_null (sighej_vocabulary_new_from_bytes (large, categories, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

static void
test_no_interests_are_a_vocabulary (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejVocabulary) vocabulary = new_from_text ("", CATEGORIES, &error);
  g_autofree char *ids = NULL;

  g_assert_no_error (error);
  ids = search_ids (vocabulary, "a", "en", 0);
  g_assert_cmpstr (ids, ==, "");
}

/* JSON */

static void
test_json_is_as_documented (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejVocabulary) vocabulary = new_from_text (INTERESTS, CATEGORIES, &error);
  g_autofree char *expected = NULL;
  GBytes *json;
  gsize n_bytes;
  const char *data;

  g_assert_no_error (error);
  json = sighej_vocabulary_get_json (vocabulary);
  data = g_bytes_get_data (json, &n_bytes);
  expected = g_strdup_printf (
      "{\"version\":\"%s\",\"categories\":[{\"id\":\"games\",\"en\":\"Games\",\"da\":\"Spil\"},"
      "{\"id\":\"other\",\"en\":\"Other\",\"da\":\"Andet\"}],"
      "\"interests\":[{\"id\":\"board-games\",\"category\":\"games\",\"en\":\"Board games\","
      "\"da\":\"Brætspil\",\"synonyms\":[\"board game\",\"catan\"]},"
      "{\"id\":\"chess\",\"category\":\"games\",\"en\":\"Chess\",\"da\":\"Skak\",\"synonyms\":[]}]"
      "}",
      sighej_vocabulary_get_version (vocabulary));
  g_assert_cmpmem (data, n_bytes, expected, strlen (expected));

  /* built once */
  g_assert_true (sighej_vocabulary_get_json (vocabulary) == json);
}

static void
test_version_follows_the_content (void)
{
  g_autoptr (SighejVocabulary) first = new_from_text (INTERESTS, CATEGORIES, NULL);
  g_autoptr (SighejVocabulary) same = new_from_text (INTERESTS, CATEGORIES, NULL);
  g_autoptr (SighejVocabulary) more = new_from_text (INTERESTS "#", CATEGORIES, NULL);
  g_autoptr (SighejVocabulary) other = new_from_text (INTERESTS, CATEGORIES "#", NULL);
  const char *version = sighej_vocabulary_get_version (first);

  g_assert_cmpuint (strlen (version), ==, 16);
  g_assert_cmpstr (version, ==, sighej_vocabulary_get_version (same));
  g_assert_cmpstr (version, !=, sighej_vocabulary_get_version (more));
  g_assert_cmpstr (version, !=, sighej_vocabulary_get_version (other));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add_func ("/vocabulary/" name, function)
  ADD ("shipped/has-enough-of-both", test_has_enough_of_both);
  ADD ("shipped/every-category-has-interests", test_every_category_has_interests);
  ADD ("shipped/labels-are-danish-and-english", test_labels_are_danish_and_english);
  ADD ("shipped/every-word-leads-to-its-id", test_every_word_leads_to_its_id);
  ADD ("shipped/knows-the-words-of-the-design", test_knows_the_words_of_the_design);
  ADD ("words/spellings-are-one-word", test_spellings_are_one_word);
  ADD ("words/unknown-text-stays-itself", test_unknown_text_stays_itself);
  ADD ("words/invalid-text-is-refused", test_invalid_text_is_refused);
  ADD ("words/list-merges-synonyms", test_list_merges_synonyms);
  ADD ("words/label-speaks-the-language", test_label_speaks_the_language);
  ADD ("search/puts-the-best-first", test_search_puts_the_best_first);
  ADD ("search/prefers-the-label-shown", test_search_prefers_the_label_shown);
  ADD ("search/hit-is-complete", test_search_hit_is_complete);
  ADD ("search/is-bounded", test_search_is_bounded);
  ADD ("search/blank-lists-by-label", test_search_blank_lists_by_label);
  ADD ("search/refuses-what-is-no-interest", test_search_refuses_what_is_no_interest);
  ADD ("file/broken-names-the-place", test_broken_file_names_the_place);
  ADD ("file/too-large-is-refused", test_too_large_a_file_is_refused);
  ADD ("file/no-interests-are-a-vocabulary", test_no_interests_are_a_vocabulary);
  ADD ("json/is-as-documented", test_json_is_as_documented);
  ADD ("json/version-follows-the-content", test_version_follows_the_content);
#undef ADD

  return g_test_run ();
}
