/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-error.h"
#include "sighej-vocabulary.h"
#include "sighejctl-cmds.h"

/* How many answers `search` asks for. */
#define SEARCH_HITS 20

static const char *const *
get_interests (Sighejctl *self)
{
  static const char *const none[] = { NULL };
  const char *const *interests
      = sighej_dbus_manager1_get_interests (sighej_client_get_manager (self->client));

  return interests != NULL ? interests : none;
}

/* The id two spellings of one interest have in common. (transfer full) */
static char *
dup_id (const char *interest)
{
  char *id = sighej_vocabulary_resolve (sighej_vocabulary_get_default (), interest, NULL);

  return id != NULL ? id : g_strdup (interest);
}

static GVariant *
interest_record (const char *id, const char *label, const char *category)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_string (id));
  sighejctl_record_add (&record, "label", g_variant_new_string (label));
  sighejctl_record_add (&record, "category", g_variant_new_string (category));
  return g_variant_builder_end (&record);
}

static int
list (Sighejctl *self)
{
  const char *const *interests = get_interests (self);
  g_autofree char *line = g_strjoinv ("  ", (char **) interests);
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; interests[i] != NULL; i++)
    {
      g_autofree char *id = dup_id (interests[i]);
      g_autofree char *label = sighejctl_dup_label (self, interests[i]);
      const char *category = sighej_vocabulary_get_category (sighej_vocabulary_get_default (), id);

      g_variant_builder_add_value (&records, interest_record (id, label, category));
    }
  sighejctl_output_say (&self->output, "%s\n", *line != '\0' ? line : _ ("No interest is chosen."));
  sighejctl_output_list (&self->output, "interests", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

static int
set_and_list (Sighejctl *self, const char *const *interests, GError **error)
{
  if (!sighej_dbus_manager1_call_set_interests_sync (
          sighej_client_get_manager (self->client), interests, NULL, error)
      || !sighejctl_refresh (self, error))
    return -1;
  return list (self);
}

static int
add (Sighejctl *self, char **added, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  g_strv_builder_addv (builder, (const char **) get_interests (self));
  g_strv_builder_addv (builder, (const char **) added);
  all = g_strv_builder_end (builder);
  return set_and_list (self, (const char *const *) all, error);
}

/* FALSE when @word is none of @interests, which is taken out of them otherwise. */
static gboolean
take_out (GPtrArray *interests, const char *word)
{
  g_autofree char *id = dup_id (word);

  for (guint i = 0; i < interests->len; i++)
    {
      g_autofree char *other = dup_id (g_ptr_array_index (interests, i));

      if (g_str_equal (id, other))
        {
          g_ptr_array_remove_index (interests, i);
          return TRUE;
        }
    }
  return FALSE;
}

static int
remove_some (Sighejctl *self, char **removed, GError **error)
{
  const char *const *interests = get_interests (self);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; interests[i] != NULL; i++)
    g_ptr_array_add (kept, (gpointer) interests[i]);
  for (guint i = 0; removed[i] != NULL; i++)
    if (!take_out (kept, removed[i]))
      {
        g_set_error (error,
                     SIGHEJ_ERROR,
                     SIGHEJ_ERROR_NOT_FOUND,
                     _ ("'%s' is none of your interests; 'sighejctl interests' lists them"),
                     removed[i]);
        return -1;
      }
  if (kept->len == 0)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_INTEREST,
                           _ ("the last interest cannot be removed; choose others with 'sighejctl "
                              "interests set'"));
      return -1;
    }
  g_ptr_array_add (kept, NULL);
  return set_and_list (self, (const char *const *) kept->pdata, error);
}

static int
search (Sighejctl *self, const char *query, GError **error)
{
  const char *const header[] = { _ ("ID"), _ ("LABEL"), _ ("CATEGORY"), NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GVariant) found = NULL;
  const char *id, *label, *category;
  GVariantBuilder records;
  GVariantIter iter;

  if (!sighej_dbus_manager1_call_search_interests_sync (
          sighej_client_get_manager (self->client), query, SEARCH_HITS, &found, NULL, error))
    return -1;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_iter_init (&iter, found);
  while (g_variant_iter_loop (&iter, "(&s&s&s)", &id, &label, &category))
    {
      const char *const row[] = { id, label, category, NULL };

      g_ptr_array_add (rows, g_strdupv ((char **) row));
      g_variant_builder_add_value (&records, interest_record (id, label, category));
    }
  if (rows->len > 0)
    sighejctl_output_table (&self->output, header, rows);
  else
    sighejctl_output_say (
        &self->output,
        _ ("Nothing is called like that; you can use it all the same, as free text.\n"));
  sighejctl_output_list (&self->output, "found", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_interests (Sighejctl *self, GError **error)
{
  const char *what = self->n_arguments > 0 ? self->arguments[0] : "list";
  char **rest = self->n_arguments > 0 ? self->arguments + 1 : self->arguments;
  guint n_rest = self->n_arguments > 0 ? self->n_arguments - 1 : 0;

  if (g_str_equal (what, "list") && n_rest == 0)
    return list (self);
  if (g_str_equal (what, "set") && n_rest > 0)
    return set_and_list (self, (const char *const *) rest, error);
  if (g_str_equal (what, "add") && n_rest > 0)
    return add (self, rest, error);
  if (g_str_equal (what, "remove") && n_rest > 0)
    return remove_some (self, rest, error);
  if (g_str_equal (what, "search") && n_rest == 1)
    return search (self, rest[0], error);
  sighejctl_usage (error,
                   _ ("interests takes list, set A B…, add A…, remove A… or search TEXT; "
                      "'sighejctl help interests' shows how"));
  return -1;
}
