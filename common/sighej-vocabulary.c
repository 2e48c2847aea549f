/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-vocabulary"

#include "config.h"

#include "sighej-vocabulary.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "sighej-loose-word.h"
#include "vocabulary-resources.h"

#define RESOURCE_PATH "/org/sighej/vocabulary/"
#define ID_CHARS_MAX 40
#define COLUMNS_MAX 5
#define VERSION_HEX_CHARS 16

typedef enum
{
  LANGUAGE_ENGLISH,
  LANGUAGE_DANISH,
  N_LANGUAGES,
} Language;

typedef struct
{
  const char *id;
  const char *label[N_LANGUAGES];
} Category;

typedef struct
{
  const char *id;
  const char *category;
  const char *label[N_LANGUAGES];
  guint label_term[N_LANGUAGES]; /* index of the label in terms */
  const char *synonyms;          /* as in the file */
} Interest;

/* One word for one interest. */
typedef struct
{
  const char *loose;
  guint interest;
} Term;

struct _SighejVocabulary
{
  GObject parent_instance;

  /* the files, cut into strings that everything below points into */
  char *interests_text;
  char *categories_text;

  GArray *categories; /* of Category */
  GArray *interests;  /* of Interest, in the order of the file */

  /* every id, label and synonym once */
  GStringChunk *loose_words;
  GArray *terms;             /* of Term */
  GHashTable *index_by_word; /* loose word -> index in terms */

  GBytes *json; /* NULL until somebody asks */
  char *version;
};

G_DEFINE_FINAL_TYPE (SighejVocabulary, sighej_vocabulary, G_TYPE_OBJECT)

static void
sighej_vocabulary_finalize (GObject *object)
{
  SighejVocabulary *self = SIGHEJ_VOCABULARY (object);

  g_clear_pointer (&self->index_by_word, g_hash_table_unref);
  g_clear_pointer (&self->terms, g_array_unref);
  g_clear_pointer (&self->loose_words, g_string_chunk_free);
  g_clear_pointer (&self->interests, g_array_unref);
  g_clear_pointer (&self->categories, g_array_unref);
  g_clear_pointer (&self->json, g_bytes_unref);
  g_free (self->version);
  g_free (self->interests_text);
  g_free (self->categories_text);

  G_OBJECT_CLASS (sighej_vocabulary_parent_class)->finalize (object);
}

static void
sighej_vocabulary_class_init (SighejVocabularyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_vocabulary_finalize;
}

static Language
parse_language (const char *language)
{
  if (language != NULL && g_ascii_strncasecmp (language, "da", 2) == 0
      && !g_ascii_isalnum (language[2]))
    return LANGUAGE_DANISH;
  return LANGUAGE_ENGLISH;
}

/* Looking up */

static const Interest *
get_interest (SighejVocabulary *self, guint index)
{
  return &g_array_index (self->interests, Interest, index);
}

static const Term *
get_term (SighejVocabulary *self, guint index)
{
  return &g_array_index (self->terms, Term, index);
}

static gboolean
find_term (SighejVocabulary *self, const char *loose, guint *index)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->index_by_word, loose, NULL, &value))
    return FALSE;
  *index = GPOINTER_TO_UINT (value);
  return TRUE;
}

static const Interest *
find_interest_by_id (SighejVocabulary *self, const char *id)
{
  const Interest *interest;
  guint index;

  if (!find_term (self, id, &index))
    return NULL;
  interest = get_interest (self, get_term (self, index)->interest);
  return g_str_equal (interest->id, id) ? interest : NULL;
}

static const Category *
find_category (SighejVocabulary *self, const char *id)
{
  for (guint i = 0; i < self->categories->len; i++)
    {
      const Category *category = &g_array_index (self->categories, Category, i);

      if (g_str_equal (category->id, id))
        return category;
    }
  return NULL;
}

/* Reading the files */

/* Takes one line into @self. On failure sets @error and the index of the column at fault. */
typedef gboolean (*TakeRow) (SighejVocabulary *self, char **columns, guint *column, GError **error);

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, format, args));
  va_end (args);
  return FALSE;
}

static gboolean
check_id (const char *id, GError **error)
{
  gsize length = strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-");

  if (length == 0 || length > ID_CHARS_MAX || id[length] != '\0')
    return fail (error, "an id is 1 to %d of a-z, 0-9 and '-'", ID_CHARS_MAX);
  return TRUE;
}

/* Makes @text a word for the last interest; @index, when given, is set to its place in terms. */
static gboolean
add_term (SighejVocabulary *self, const char *text, guint *index, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *normal = sighej_interest_normalise (text, &local_error);
  g_autofree char *loose = NULL;
  Term term = { .interest = self->interests->len - 1 };
  guint place;

  if (normal == NULL)
    return fail (error, "%s", local_error->message);

  loose = sighej_loose_word_dup (normal);
  if (loose[strspn (loose, " ")] == '\0')
    return fail (error, "\"%s\" holds nothing but separators", text);
  if (find_term (self, loose, &place))
    {
      if (get_term (self, place)->interest != term.interest)
        return fail (error,
                     "\"%s\" already leads to \"%s\"",
                     text,
                     get_interest (self, get_term (self, place)->interest)->id);
    }
  else
    {
      place = self->terms->len;
      term.loose = g_string_chunk_insert (self->loose_words, loose);
      g_array_append_val (self->terms, term);
      g_hash_table_insert (self->index_by_word, (char *) term.loose, GUINT_TO_POINTER (place));
    }

  if (index != NULL)
    *index = place;
  return TRUE;
}

static gboolean
add_synonyms (SighejVocabulary *self, const char *synonyms, GError **error)
{
  g_auto (GStrv) words = g_strsplit (synonyms, ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (!add_term (self, words[i], NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_category (SighejVocabulary *self, char **columns, guint *column, GError **error)
{
  Category category = { .id = columns[0], .label = { columns[1], columns[2] } };

  *column = 0;
  if (!check_id (category.id, error))
    return FALSE;
  if (find_category (self, category.id) != NULL)
    return fail (error, "category \"%s\" is there twice", category.id);

  for (*column = 1; *column <= N_LANGUAGES; (*column)++)
    {
      g_autoptr (GError) local_error = NULL;
      g_autofree char *normal = sighej_interest_normalise (columns[*column], &local_error);

      if (normal == NULL)
        return fail (error, "%s", local_error->message);
    }

  g_array_append_val (self->categories, category);
  return TRUE;
}

static gboolean
take_interest (SighejVocabulary *self, char **columns, guint *column, GError **error)
{
  const Category *category = find_category (self, columns[1]);
  Interest *interest;

  *column = 0;
  if (!check_id (columns[0], error))
    return FALSE;
  if (find_interest_by_id (self, columns[0]) != NULL)
    return fail (error, "interest \"%s\" is there twice", columns[0]);
  *column = 1;
  if (category == NULL)
    return fail (error, "there is no category \"%s\"", columns[1]);

  g_array_set_size (self->interests, self->interests->len + 1);
  interest = &g_array_index (self->interests, Interest, self->interests->len - 1);
  *interest = (Interest){
    .id = columns[0],
    .category = category->id,
    .label = { columns[2], columns[3] },
    .synonyms = columns[4],
  };

  *column = 0;
  if (!add_term (self, interest->id, NULL, error))
    return FALSE;
  for (guint language = 0; language < N_LANGUAGES; language++)
    {
      *column = 2 + language;
      if (!add_term (self, interest->label[language], &interest->label_term[language], error))
        return FALSE;
    }
  *column = 4;
  return interest->synonyms == NULL || add_synonyms (self, interest->synonyms, error);
}

/* Cuts @line at its tabs. Returns how many columns it has, COLUMNS_MAX + 1 standing for more. */
static guint
split_line (char *line, char *columns[COLUMNS_MAX])
{
  guint n_columns = 0;

  for (char *next = line; next != NULL;)
    {
      char *column = next;

      if (n_columns == COLUMNS_MAX)
        return COLUMNS_MAX + 1;
      next = strchr (column, '\t');
      if (next != NULL)
        *next++ = '\0';
      columns[n_columns++] = column;
    }
  return n_columns;
}

/* How a file is read: its number of columns, whether the last may be missing, who takes a row. */
typedef struct
{
  guint n_columns;
  gboolean last_is_optional;
  TakeRow take_row;
} Table;

static const Table categories_table = { 3, FALSE, take_category };
static const Table interests_table = { COLUMNS_MAX, TRUE, take_interest };

/* Cuts up @line and takes its row; @column is set to the column at fault. */
static gboolean
take_line (SighejVocabulary *self, const Table *table, char *line, guint *column, GError **error)
{
  char *columns[COLUMNS_MAX] = { NULL };
  guint n_columns = split_line (line, columns);

  *column = MIN (n_columns, table->n_columns);
  if (n_columns > table->n_columns)
    return fail (error, "one column too many");
  if (n_columns < table->n_columns - (table->last_is_optional ? 1 : 0))
    return fail (error, "a column is missing");
  return table->take_row (self, columns, column, error);
}

/* @text is cut up in place. */
static gboolean
read_table (SighejVocabulary *self, const Table *table, char *text, GError **error)
{
  guint line_number = 1;

  for (char *line = text, *next; line != NULL; line = next, line_number++)
    {
      guint column;

      next = strchr (line, '\n');
      if (next != NULL)
        *next++ = '\0';
      if (*line == '\0' || *line == '#')
        continue;
      if (!take_line (self, table, line, &column, error))
        {
          g_prefix_error (error, "line %u, column %u: ", line_number, column + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/* A copy to cut up; 0-terminated and without inner NULs. */
static char *
dup_text (GBytes *bytes, GError **error)
{
  gsize n_bytes;
  const char *data = g_bytes_get_data (bytes, &n_bytes);

  if (n_bytes > SIGHEJ_VOCABULARY_BYTES_MAX)
    {
      fail (error, "longer than %d bytes", SIGHEJ_VOCABULARY_BYTES_MAX);
      return NULL;
    }
  if (n_bytes > 0 && !g_utf8_validate_len (data, n_bytes, NULL))
    {
      fail (error, "not UTF-8");
      return NULL;
    }
  return g_strndup (n_bytes > 0 ? data : "", n_bytes);
}

static gboolean
read_categories (SighejVocabulary *self, GBytes *bytes, GError **error)
{
  self->categories_text = dup_text (bytes, error);
  if (self->categories_text == NULL
      || !read_table (self, &categories_table, self->categories_text, error))
    return FALSE;

  if (find_category (self, SIGHEJ_VOCABULARY_CATEGORY_OTHER) == NULL)
    return fail (error, "there is no category \"%s\"", SIGHEJ_VOCABULARY_CATEGORY_OTHER);
  return TRUE;
}

static gboolean
read_interests (SighejVocabulary *self, GBytes *bytes, GError **error)
{
  self->interests_text = dup_text (bytes, error);
  return self->interests_text != NULL
         && read_table (self, &interests_table, self->interests_text, error);
}

static char *
dup_version (GBytes *interests, GBytes *categories)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n_bytes;
  const guchar *data;

  data = g_bytes_get_data (categories, &n_bytes);
  g_checksum_update (checksum, data, n_bytes);
  data = g_bytes_get_data (interests, &n_bytes);
  g_checksum_update (checksum, data, n_bytes);
  return g_strndup (g_checksum_get_string (checksum), VERSION_HEX_CHARS);
}

static void
sighej_vocabulary_init (SighejVocabulary *self)
{
  self->categories = g_array_new (FALSE, FALSE, sizeof (Category));
  self->interests = g_array_new (FALSE, FALSE, sizeof (Interest));
  self->loose_words = g_string_chunk_new (4096);
  self->terms = g_array_new (FALSE, FALSE, sizeof (Term));
  self->index_by_word = g_hash_table_new (sighej_loose_word_hash, sighej_loose_word_equal);
}

SighejVocabulary *
sighej_vocabulary_new_from_bytes (GBytes *interests, GBytes *categories, GError **error)
{
  g_autoptr (SighejVocabulary) self = NULL;

  g_return_val_if_fail (interests != NULL, NULL);
  g_return_val_if_fail (categories != NULL, NULL);

  self = g_object_new (SIGHEJ_TYPE_VOCABULARY, NULL);
  if (!read_categories (self, categories, error))
    {
      g_prefix_error (error, "categories: ");
      return NULL;
    }
  if (!read_interests (self, interests, error))
    {
      g_prefix_error (error, "interests: ");
      return NULL;
    }

  self->version = dup_version (interests, categories);
  return g_steal_pointer (&self);
}

static GBytes *
lookup_resource (const char *name)
{
  g_autofree char *path = g_strconcat (RESOURCE_PATH, name, NULL);
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_resource_lookup_data (
      sighej_vocabulary_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);

  g_assert_no_error (error);
  return bytes;
}

SighejVocabulary *
sighej_vocabulary_get_default (void)
{
  static SighejVocabulary *vocabulary;

  if (g_once_init_enter (&vocabulary))
    {
      g_autoptr (GBytes) interests = lookup_resource ("interests.tsv");
      g_autoptr (GBytes) categories = lookup_resource ("categories.tsv");
      g_autoptr (GError) error = NULL;
      SighejVocabulary *built_in = sighej_vocabulary_new_from_bytes (interests, categories, &error);

      g_assert_no_error (error);
      g_once_init_leave (&vocabulary, built_in);
    }
  return vocabulary;
}

/* Ids, categories, labels */

/* The id @normal is a word for; @normal itself when it is none. */
static const char *
resolve_normal (SighejVocabulary *self, const char *normal)
{
  g_autofree char *loose = sighej_loose_word_dup (normal);
  guint index;

  if (!find_term (self, loose, &index))
    return normal;
  return get_interest (self, get_term (self, index)->interest)->id;
}

char *
sighej_vocabulary_resolve (SighejVocabulary *self, const char *text, GError **error)
{
  g_autofree char *normal = NULL;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  normal = sighej_interest_normalise (text, error);
  return normal != NULL ? g_strdup (resolve_normal (self, normal)) : NULL;
}

char **
sighej_vocabulary_resolve_list (SighejVocabulary *self, const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) normal = NULL;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (texts != NULL, NULL);

  normal = sighej_interest_list_check (texts, error);
  if (normal == NULL)
    return NULL;

  for (guint i = 0; normal[i] != NULL; i++)
    {
      const char *id = resolve_normal (self, normal[i]);

      if (!g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
        g_ptr_array_add (ids, g_strdup (id));
    }
  g_ptr_array_add (ids, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

const char *
sighej_vocabulary_get_category (SighejVocabulary *self, const char *id)
{
  const Interest *interest;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  interest = find_interest_by_id (self, id);
  return interest != NULL ? interest->category : SIGHEJ_VOCABULARY_CATEGORY_OTHER;
}

guint
sighej_vocabulary_get_n_categories (SighejVocabulary *self)
{
  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), 0);

  return self->categories->len;
}

const char *
sighej_vocabulary_get_nth_category (SighejVocabulary *self, guint i)
{
  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (i < self->categories->len, NULL);

  return g_array_index (self->categories, Category, i).id;
}

const char *
sighej_vocabulary_get_label (SighejVocabulary *self, const char *id, const char *language)
{
  const Interest *interest;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  interest = find_interest_by_id (self, id);
  return interest != NULL ? interest->label[parse_language (language)] : id;
}

const char *
sighej_vocabulary_get_category_label (SighejVocabulary *self,
                                      const char *category,
                                      const char *language)
{
  const Category *found;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (category != NULL, NULL);

  found = find_category (self, category);
  return found != NULL ? found->label[parse_language (language)] : category;
}

/* Search */

typedef enum
{
  RANK_WHOLE,
  RANK_BEGINNING,
  RANK_WORD,
  RANK_INSIDE,
  RANK_NONE,
} Rank;

typedef struct
{
  guint interest;
  guint score;             /* less is better */
  const char *loose_label; /* breaks ties */
} Candidate;

static Rank
rank_word (const char *word, const char *query)
{
  Rank best = RANK_NONE;

  for (const char *p = word; *p != '\0'; p++)
    {
      const char *rest;

      if (sighej_loose_word_is_separator (*p) || !sighej_loose_word_starts_with (p, query, &rest))
        continue;
      if (p == word)
        return *rest == '\0' ? RANK_WHOLE : RANK_BEGINNING;
      if (sighej_loose_word_is_separator (p[-1]))
        return RANK_WORD;
      best = RANK_INSIDE;
    }
  return best;
}

/* Every interest with the score of its best word; twice the rank, so that a label that is shown
 * goes before another word of the same rank. */
static GArray *
score_interests (SighejVocabulary *self, const char *query, Language language)
{
  GArray *candidates = g_array_sized_new (FALSE, FALSE, sizeof (Candidate), self->interests->len);

  for (guint i = 0; i < self->interests->len; i++)
    {
      const Term *label = get_term (self, get_interest (self, i)->label_term[language]);
      Candidate candidate = { .interest = i, .score = 2 * RANK_NONE, .loose_label = label->loose };

      g_array_append_val (candidates, candidate);
    }

  for (guint i = 0; i < self->terms->len; i++)
    {
      const Term *term = get_term (self, i);
      Candidate *candidate = &g_array_index (candidates, Candidate, term->interest);
      gboolean is_shown = term->loose == candidate->loose_label;
      guint score = 2 * rank_word (term->loose, query) + (is_shown ? 0 : 1);

      candidate->score = MIN (candidate->score, score);
    }
  return candidates;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a, *second = b;

  if (first->score != second->score)
    return first->score < second->score ? -1 : 1;
  return strcmp (first->loose_label, second->loose_label);
}

/* @query in loose spelling; empty when it is blank. */
static char *
dup_loose_query (const char *query, GError **error)
{
  g_autofree char *normal = NULL;

  if (query[strspn (query, " ")] == '\0')
    return g_strdup ("");
  normal = sighej_interest_normalise (query, error);
  return normal != NULL ? sighej_loose_word_dup (normal) : NULL;
}

GArray *
sighej_vocabulary_search (
    SighejVocabulary *self, const char *query, const char *language, guint limit, GError **error)
{
  g_autofree char *loose = NULL;
  g_autoptr (GArray) candidates = NULL;
  GArray *hits;

  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);
  g_return_val_if_fail (query != NULL, NULL);

  loose = dup_loose_query (query, error);
  if (loose == NULL)
    return NULL;
  if (limit == 0 || limit > SIGHEJ_VOCABULARY_HITS_MAX)
    limit = SIGHEJ_VOCABULARY_HITS_MAX;

  candidates = score_interests (self, loose, parse_language (language));
  g_array_sort (candidates, compare_candidates);

  hits = g_array_new (FALSE, FALSE, sizeof (SighejVocabularyHit));
  for (guint i = 0; i < MIN (limit, candidates->len); i++)
    {
      const Candidate *candidate = &g_array_index (candidates, Candidate, i);
      const Interest *interest = get_interest (self, candidate->interest);
      SighejVocabularyHit hit = {
        .id = interest->id,
        .label = interest->label[parse_language (language)],
        .category = interest->category,
      };

      if (candidate->score >= 2 * RANK_NONE)
        break;
      g_array_append_val (hits, hit);
    }
  return hits;
}

/* JSON */

static void
add_member (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_labels (JsonBuilder *builder, const char *const label[N_LANGUAGES])
{
  add_member (builder, "en", label[LANGUAGE_ENGLISH]);
  add_member (builder, "da", label[LANGUAGE_DANISH]);
}

static void
add_category (JsonBuilder *builder, const Category *category)
{
  json_builder_begin_object (builder);
  add_member (builder, "id", category->id);
  add_labels (builder, category->label);
  json_builder_end_object (builder);
}

static void
add_interest (JsonBuilder *builder, const Interest *interest)
{
  g_auto (GStrv) synonyms = NULL;

  json_builder_begin_object (builder);
  add_member (builder, "id", interest->id);
  add_member (builder, "category", interest->category);
  add_labels (builder, interest->label);

  json_builder_set_member_name (builder, "synonyms");
  json_builder_begin_array (builder);
  synonyms = g_strsplit (interest->synonyms != NULL ? interest->synonyms : "", ",", -1);
  for (guint i = 0; synonyms[i] != NULL; i++)
    json_builder_add_string_value (builder, g_strstrip (synonyms[i]));
  json_builder_end_array (builder);

  json_builder_end_object (builder);
}

static GBytes *
build_json (SighejVocabulary *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  char *text;

  json_builder_begin_object (builder);
  add_member (builder, "version", self->version);

  json_builder_set_member_name (builder, "categories");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->categories->len; i++)
    add_category (builder, &g_array_index (self->categories, Category, i));
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "interests");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->interests->len; i++)
    add_interest (builder, get_interest (self, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  return g_bytes_new_take (text, strlen (text));
}

GBytes *
sighej_vocabulary_get_json (SighejVocabulary *self)
{
  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);

  if (self->json == NULL)
    self->json = build_json (self);
  return self->json;
}

const char *
sighej_vocabulary_get_version (SighejVocabulary *self)
{
  g_return_val_if_fail (SIGHEJ_IS_VOCABULARY (self), NULL);

  return self->version;
}
