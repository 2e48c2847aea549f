/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-nudge-list.h"

#include "sighej-enum-types.h"
#include "sighej-nudge-card.h"

#define SPACING_PX 12

struct _SighejNudgeList
{
  AdwBin parent_instance;

  SighejModel *model;
  GtkBox *box;
};

G_DEFINE_FINAL_TYPE (SighejNudgeList, sighej_nudge_list, ADW_TYPE_BIN)

/* New or waved at: one that became a meet is that, one that is over only waits to leave the bus. */
static gboolean
counts (SighejDBusNudge1 *nudge)
{
  const char *word = sighej_dbus_nudge1_get_state (nudge);
  int state;

  return word != NULL && sighej_enum_from_nick (SIGHEJ_TYPE_NUDGE_STATE, word, &state)
         && (state == SIGHEJ_NUDGE_STATE_NEW || state == SIGHEJ_NUDGE_STATE_WAVED);
}

static SighejNudgeCard *
find_card (SighejNudgeList *self, guint nudge)
{
  GtkWidget *card = gtk_widget_get_first_child (GTK_WIDGET (self->box));

  while (card != NULL && sighej_nudge_card_get_nudge (SIGHEJ_NUDGE_CARD (card)) != nudge)
    card = gtk_widget_get_next_sibling (card);
  return (SighejNudgeCard *) card;
}

static SighejNudgeCard *
ensure_card (SighejNudgeList *self, guint nudge)
{
  SighejNudgeCard *card = find_card (self, nudge);

  if (card != NULL)
    return card;
  card = SIGHEJ_NUDGE_CARD (sighej_nudge_card_new (nudge));
  gtk_box_prepend (self->box, GTK_WIDGET (card));
  return card;
}

/* Takes away the cards of nudges that are not in @shown. */
static void
drop_cards (SighejNudgeList *self, GHashTable *shown)
{
  GtkWidget *card = gtk_widget_get_first_child (GTK_WIDGET (self->box));

  while (card != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (card);
      guint nudge = sighej_nudge_card_get_nudge (SIGHEJ_NUDGE_CARD (card));

      if (!g_hash_table_contains (shown, GUINT_TO_POINTER (nudge)))
        gtk_box_remove (self->box, card);
      card = next;
    }
}

/* The newest of @ids that count, their numbers ascending. (transfer full) */
static GPtrArray *
collect (SighejClient *client, GArray *ids, GHashTable *shown)
{
  GPtrArray *nudges = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = ids->len; i > 0 && nudges->len < SIGHEJ_NUDGE_LIST_CARDS_MAX; i--)
    {
      guint id = g_array_index (ids, guint, i - 1);
      g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (client, id);

      if (nudge == NULL || !counts (nudge))
        continue;
      g_hash_table_add (shown, GUINT_TO_POINTER (id));
      g_ptr_array_insert (nudges, 0, g_steal_pointer (&nudge));
    }
  return nudges;
}

static void
update (SighejNudgeList *self)
{
  SighejClient *client = sighej_model_get_client (self->model);
  g_autoptr (GHashTable) shown = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) nudges = NULL;
  g_autoptr (GArray) ids = NULL;

  if (client != NULL && sighej_client_get_present (client))
    ids = sighej_client_dup_nudge_ids (client);
  else
    ids = g_array_new (FALSE, FALSE, sizeof (guint));

  nudges = collect (client, ids, shown);
  drop_cards (self, shown);
  for (guint i = 0; i < nudges->len; i++)
    {
      SighejDBusNudge1 *nudge = g_ptr_array_index (nudges, i);
      guint id = sighej_client_nudge_id (g_dbus_proxy_get_object_path (G_DBUS_PROXY (nudge)));

      sighej_nudge_card_show (ensure_card (self, id), nudge);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), nudges->len > 0);
}

static void
sighej_nudge_list_dispose (GObject *object)
{
  g_clear_object (&SIGHEJ_NUDGE_LIST (object)->model);
  G_OBJECT_CLASS (sighej_nudge_list_parent_class)->dispose (object);
}

static void
sighej_nudge_list_class_init (SighejNudgeListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sighej_nudge_list_dispose;
}

static void
sighej_nudge_list_init (SighejNudgeList *self)
{
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, SPACING_PX));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

GtkWidget *
sighej_nudge_list_new (SighejModel *model)
{
  SighejNudgeList *self = g_object_new (SIGHEJ_TYPE_NUDGE_LIST, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
