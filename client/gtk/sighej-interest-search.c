/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-interest-search.h"

#define REST_MS 150
#define SEARCH_TIMEOUT_MS 10000
#define HITS_MAX 6

struct _SighejInterestSearch
{
  GObject parent_instance;

  SighejDBusManager1 *manager;
  char *query; /* what is wished to know */
  char *asked; /* what is on its way; NULL: nothing */
  guint rest_id;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (SighejInterestSearch, sighej_interest_search, G_TYPE_OBJECT)

enum
{
  FOUND,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_interest_search_dispose (GObject *object)
{
  SighejInterestSearch *self = SIGHEJ_INTEREST_SEARCH (object);

  g_clear_handle_id (&self->rest_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->manager);

  G_OBJECT_CLASS (sighej_interest_search_parent_class)->dispose (object);
}

static void
sighej_interest_search_finalize (GObject *object)
{
  SighejInterestSearch *self = SIGHEJ_INTEREST_SEARCH (object);

  g_free (self->query);
  g_free (self->asked);

  G_OBJECT_CLASS (sighej_interest_search_parent_class)->finalize (object);
}

static void
sighej_interest_search_class_init (SighejInterestSearchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_interest_search_dispose;
  object_class->finalize = sighej_interest_search_finalize;

  signals[FOUND] = g_signal_new ("found",
                                 G_TYPE_FROM_CLASS (klass),
                                 G_SIGNAL_RUN_LAST,
                                 0,
                                 NULL,
                                 NULL,
                                 NULL,
                                 G_TYPE_NONE,
                                 2,
                                 G_TYPE_STRING,
                                 G_TYPE_VARIANT);
}

static void
sighej_interest_search_init (SighejInterestSearch *self)
{
  self->query = g_strdup ("");
  self->cancellable = g_cancellable_new ();
}

SighejInterestSearch *
sighej_interest_search_new (void)
{
  return g_object_new (SIGHEJ_TYPE_INTEREST_SEARCH, NULL);
}

static void ask (SighejInterestSearch *self);

static void
answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejInterestSearch) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *asked = g_steal_pointer (&self->asked);

  reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || *self->query == '\0')
    return;

  if (!g_str_equal (asked, self->query))
    {
      if (self->rest_id == 0)
        ask (self);
      return;
    }
  /* Free text can be added without an answer: that there is none is no error. */
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a(sss))")))
    found = g_variant_get_child_value (reply, 0);
  g_signal_emit (self, signals[FOUND], 0, asked, found);
}

static void
ask (SighejInterestSearch *self)
{
  if (self->manager == NULL)
    {
      g_signal_emit (self, signals[FOUND], 0, self->query, NULL);
      return;
    }

  self->asked = g_strdup (self->query);
  g_dbus_proxy_call (G_DBUS_PROXY (self->manager),
                     "SearchInterests",
                     g_variant_new ("(su)", self->query, HITS_MAX),
                     G_DBUS_CALL_FLAGS_NONE,
                     SEARCH_TIMEOUT_MS,
                     self->cancellable,
                     answered,
                     g_object_ref (self));
}

static gboolean
rested (gpointer user_data)
{
  SighejInterestSearch *self = user_data;

  self->rest_id = 0;
  if (self->asked == NULL)
    ask (self);
  return G_SOURCE_REMOVE;
}

void
sighej_interest_search_set_query (SighejInterestSearch *self,
                                  SighejDBusManager1 *manager,
                                  const char *query)
{
  g_return_if_fail (SIGHEJ_IS_INTEREST_SEARCH (self));
  g_return_if_fail (query != NULL);

  g_clear_handle_id (&self->rest_id, g_source_remove);
  g_set_object (&self->manager, manager);
  g_free (self->query);
  self->query = g_strdup (query);
  if (*query == '\0')
    return;
  self->rest_id = g_timeout_add (REST_MS, rested, self);
  g_source_set_name_by_id (self->rest_id, "[sighej] search of interests rests");
}
