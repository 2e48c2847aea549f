/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * N-7, T-08, T-16: what the process still holds of a person. The test looks at every byte of its
 * own writable memory. So that it sees what is kept and not what was let go, this program's
 * free() overwrites; and so that it does not find itself, it keeps the words it looks for masked.
 */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "service-fixture.h"

#define MASK 0x5a
#define WORD_CHARS 24

void __libc_free (void *block);
void free (void *block);
void *realloc (void *block, size_t n_bytes);

void
free (void *block)
{
  if (block != NULL)
    explicit_bzero (block, malloc_usable_size (block));
  __libc_free (block);
}

void *
realloc (void *block, size_t n_bytes)
{
  void *moved = malloc (n_bytes);

  if (block != NULL && moved != NULL)
    memcpy (moved, block, MIN (malloc_usable_size (block), n_bytes));
  if (moved != NULL || n_bytes == 0)
    free (block);
  return moved;
}

/* A word nobody else in this process has, masked. */
typedef struct
{
  guint8 masked[WORD_CHARS];
} Word;

static Word
draw_word (void)
{
  static const char letters[] = "bcdfghjklmnpqrstvwxz";
  Word word;

  for (guint i = 0; i < WORD_CHARS; i++)
    word.masked[i] = (guint8) letters[g_random_int_range (0, sizeof letters - 1)] ^ MASK;
  return word;
}

static Word
mask_word (const char *plain)
{
  Word word;

  for (guint i = 0; i < WORD_CHARS; i++)
    word.masked[i] = (guint8) plain[i] ^ MASK;
  return word;
}

static char *
dup_plain (const Word *word)
{
  char *plain = g_malloc0 (WORD_CHARS + 1);

  for (guint i = 0; i < WORD_CHARS; i++)
    plain[i] = (char) (word->masked[i] ^ MASK);
  return plain;
}

static guint
count_in (const guint8 *start, const guint8 *end, const Word *word)
{
  guint n_found = 0;

  for (const guint8 *at = start; at + WORD_CHARS <= end; at++)
    {
      guint i = 0;

      while (i < WORD_CHARS && (at[i] ^ MASK) == word->masked[i])
        i++;
      n_found += i == WORD_CHARS;
    }
  return n_found;
}

/* How often the word stands in writable memory, the running stack apart. */
static guint
count_in_memory (const Word *word)
{
  FILE *maps = fopen ("/proc/self/maps", "r");
  char line[512];
  guint n_found = 0;

  g_assert_nonnull (maps);
  while (fgets (line, sizeof line, maps) != NULL)
    {
      unsigned long start, end;
      char mode[5];

      if (sscanf (line, "%lx-%lx %4s", &start, &end, mode) == 3 && strncmp (mode, "rw", 2) == 0
          && strstr (line, "[stack]") == NULL && strstr (line, "[v") == NULL)
        n_found += count_in ((const guint8 *) start, (const guint8 *) end, word);
    }
  fclose (maps);
  return n_found;
}

static Opened
open_with (Service *self, const Word *token, const Word *interest)
{
  g_autofree char *plain_token = dup_plain (token);
  g_autofree char *plain_interest = dup_plain (interest);

  return service_open (self, plain_token, plain_interest);
}

static void
test_the_search_finds_what_is_there (Service *self, gconstpointer data)
{
  Word word = draw_word ();
  char *plain;

  g_assert_cmpuint (count_in_memory (&word), ==, 0);
  plain = dup_plain (&word);
  g_assert_cmpuint (count_in_memory (&word), ==, 1);
  g_free (plain);
  g_assert_cmpuint (count_in_memory (&word), ==, 0);
}

static void
test_no_interest_is_readable_while_open (Service *self, gconstpointer data)
{
  Word token[2] = { draw_word (), draw_word () };
  Word interest = draw_word ();
  Opened opened[2];

  for (guint i = 0; i < 2; i++)
    {
      opened[i] = open_with (self, &token[i], &interest);
      g_assert_cmpint (opened[i].code, ==, -1);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *answer = service_sight (self, &opened[i], opened[1 - i].token);

      g_assert_cmpint (strstr (answer, "true") != NULL, ==, i == 1);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *outbox = service_read_outbox (self, &opened[i], 0);
      g_autofree char *json = NULL;

      g_assert_cmpstr (outbox, !=, "");
      service_authenticate (self, opened[i].secret, &json);
      g_assert_nonnull (json);
    }
  g_assert_cmpuint (count_in_memory (&interest), ==, 0);
}

static void
test_nothing_mentions_an_ended_session (Service *self, gconstpointer data)
{
  Word token = draw_word ();
  Word interest = draw_word ();
  Word secret;
  Word id;
  Opened opened;

  opened = open_with (self, &token, &interest);
  secret = mask_word (opened.secret);
  id = mask_word (opened.id);
  g_free (service_sight (self, &opened, "nobody"));
  g_assert_cmpuint (count_in_memory (&secret), ==, 0); /* only its hash is kept */
  g_assert_cmpuint (count_in_memory (&token), ==, 1);
  g_assert_cmpuint (count_in_memory (&id), >=, 1);

  g_assert_cmpint (service_end (self, opened.id), ==, -1);
  g_ptr_array_set_size (self->ended, 0);
  g_assert_cmpuint (count_in_memory (&token), ==, 0);
  g_assert_cmpuint (count_in_memory (&id), ==, 0);
  g_assert_cmpuint (count_in_memory (&secret), ==, 0);
  g_assert_cmpuint (count_in_memory (&interest), ==, 0);
}

static void
test_nothing_mentions_an_expired_session (Service *self, gconstpointer data)
{
  Word token = draw_word ();
  Word interest = draw_word ();
  Word id;
  Opened opened;

  opened = open_with (self, &token, &interest);
  id = mask_word (opened.id);
  g_free (service_sight (self, &opened, "nobody"));
  sighej_test_clock_advance (self->clock, 7201 * SECOND_US);
  g_assert_cmpuint (count_in_memory (&token), ==, 0);
  g_assert_cmpuint (count_in_memory (&id), ==, 0);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/service-memory/" name, Service, NULL, service_set_up, test, service_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("the-search-finds-what-is-there", test_the_search_finds_what_is_there);
  ADD ("no-interest-is-readable-while-open", test_no_interest_is_readable_while_open);
  ADD ("nothing-mentions-an-ended-session", test_nothing_mentions_an_ended_session);
  ADD ("nothing-mentions-an-expired-session", test_nothing_mentions_an_expired_session);
  return g_test_run ();
}
