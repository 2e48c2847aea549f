/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-meet.h"

#include <glib/gi18n.h>

#include "sighej-chat.h"
#include "sighej-confirm.h"
#include "sighej-meet-find.h"
#include "sighej-names.h"
#include "sighej-report.h"
#include "sighej-stack.h"

struct _SighejPageMeet
{
  AdwBin parent_instance;

  SighejModel *model;
  guint id;               /* of the meet that is shown; 0: none */
  SighejDBusMeet1 *shown; /* that meet */
  GArray *ids;            /* of those in the list */
  gboolean showing;       /* the list is set by the bus, not by the person */

  GtkDropDown *meets;
  GtkStack *stack;
  GtkToggleButton *find_tab;
  GtkToggleButton *talk_tab;
  GtkWidget *news;
  GtkLabel *news_label;
  GtkLabel *talk_label;
  SighejMeetFind *find;
  SighejChat *chat;
};

G_DEFINE_FINAL_TYPE (SighejPageMeet, sighej_page_meet, ADW_TYPE_BIN)

/* ---- which meet ---- */

static gboolean
has (GArray *ids, guint id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint, i) == id)
      return TRUE;
  return FALSE;
}

static gboolean
is_same (GArray *a, GArray *b)
{
  return a->len == b->len
         && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (guint)) == 0);
}

/* What a meet is called in the list: whom one looks for. */
static char *
dup_name (SighejClient *client, guint id)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (client, id);

  return g_strdup (meet != NULL ? sighej_dbus_meet1_get_cue (meet) : NULL);
}

static void
show_list (SighejPageMeet *self, SighejClient *client, GArray *ids)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *name = dup_name (client, g_array_index (ids, guint, i));

      gtk_string_list_append (names, name != NULL ? name : "");
    }
  g_clear_pointer (&self->ids, g_array_unref);
  self->ids = g_array_ref (ids);
  gtk_drop_down_set_model (self->meets, G_LIST_MODEL (names));
  gtk_widget_set_visible (GTK_WIDGET (self->meets), ids->len > 1);
}

static void
select_shown (SighejPageMeet *self)
{
  for (guint i = 0; i < self->ids->len; i++)
    if (g_array_index (self->ids, guint, i) == self->id)
      gtk_drop_down_set_selected (self->meets, i);
}

/* The one that is shown stays as long as it lives. */
static void
choose (SighejPageMeet *self, SighejClient *client)
{
  g_autoptr (GArray) ids = sighej_client_dup_meet_ids (client);

  if (!has (ids, self->id))
    self->id = sighej_model_get_meet_id (self->model);
  self->showing = TRUE;
  if (self->ids == NULL || !is_same (self->ids, ids))
    show_list (self, client, ids);
  select_shown (self);
  self->showing = FALSE;
}

/* ---- what the bus says ---- */

/* A word and a number, so that nobody has to see a colour. */
static void
show_unread (SighejPageMeet *self, guint n_unread)
{
  g_autofree char *text
      = n_unread == 0
            ? g_strdup (_ ("Talk"))
            /* Translators: the page of messages, and how many are new */
            : g_strdup_printf (ngettext ("Talk: %u new", "Talk: %u new", n_unread), n_unread);

  if (!g_str_equal (gtk_label_get_text (self->talk_label), text))
    gtk_label_set_text (self->talk_label, text);
}

/* What was said last and not read, where one looks for the other. */
static void
show_news (SighejPageMeet *self)
{
  const char *news = sighej_chat_get_unread_text (self->chat);

  if (news != NULL)
    gtk_label_set_text (self->news_label, news);
  gtk_widget_set_visible (self->news,
                          news != NULL && gtk_toggle_button_get_active (self->find_tab));
}

static void
show_meet (SighejPageMeet *self, SighejDBusMeet1 *meet)
{
  sighej_meet_find_show (self->find, self->id, meet);
  sighej_chat_show (self->chat, self->id, meet);
  show_unread (self, sighej_dbus_meet1_get_unread (meet));
  show_news (self);
}

/* A daemon that was started again counts from 1: the same number can be another meet. */
static void
turn_to (SighejPageMeet *self, SighejDBusMeet1 *meet)
{
  if (!g_set_object (&self->shown, meet))
    return;

  /* What was said is wiped at once, whether this page is seen or not. */
  sighej_chat_show (self->chat, 0, NULL);
  gtk_toggle_button_set_active (self->find_tab, TRUE);
}

static void
update (SighejPageMeet *self)
{
  SighejClient *client = sighej_model_get_client (self->model);
  g_autoptr (SighejDBusMeet1) meet = NULL;

  if (client != NULL && sighej_client_get_present (client))
    {
      choose (self, client);
      meet = self->id != 0 ? sighej_client_dup_meet (client, self->id) : NULL;
    }
  turn_to (self, meet);
  if (meet != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    show_meet (self, meet);
}

static void
on_picked (SighejPageMeet *self)
{
  guint selected = gtk_drop_down_get_selected (self->meets);
  gboolean talks = gtk_toggle_button_get_active (self->talk_tab);

  if (self->showing || self->ids == NULL || selected >= self->ids->len)
    return;
  self->id = g_array_index (self->ids, guint, selected);
  update (self);
  if (talks)
    gtk_toggle_button_set_active (self->talk_tab, TRUE);
}

/* The page that is not shown is not there for a screen reader. */
static void
on_tab (SighejPageMeet *self)
{
  gboolean find = gtk_toggle_button_get_active (self->find_tab);
  GtkWidget *pages[] = { GTK_WIDGET (self->find), GTK_WIDGET (self->chat) };
  GtkWidget *shown = find ? pages[0] : pages[1];

  gtk_stack_set_visible_child (self->stack, shown);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    gtk_accessible_update_state (
        GTK_ACCESSIBLE (pages[i]), GTK_ACCESSIBLE_STATE_HIDDEN, pages[i] != shown, -1);
  show_news (self);
  if (!find)
    gtk_widget_grab_focus (GTK_WIDGET (self->chat));
}

static void
on_news (SighejPageMeet *self)
{
  gtk_toggle_button_set_active (self->talk_tab, TRUE);
}

/* ---- the menu ---- */

static void
on_block (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejPageMeet *self = user_data;

  sighej_confirm_block_meet (GTK_WIDGET (self), self->model, self->id);
}

static void
on_report (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejPageMeet *self = user_data;

  sighej_report_meet (
      GTK_WIDGET (self), self->model, self->id, sighej_chat_get_messages (self->chat));
}

static const GActionEntry actions[] = {
  { .name = "block", .activate = on_block },
  { .name = "report", .activate = on_report },
};

/* ---- life ---- */

static void
sighej_page_meet_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_page_meet_parent_class)->map (widget);
  update (SIGHEJ_PAGE_MEET (widget));
}

static void
sighej_page_meet_dispose (GObject *object)
{
  SighejPageMeet *self = SIGHEJ_PAGE_MEET (object);

  g_clear_object (&self->model);
  g_clear_object (&self->shown);
  g_clear_pointer (&self->ids, g_array_unref);
  G_OBJECT_CLASS (sighej_page_meet_parent_class)->dispose (object);
}

static void
sighej_page_meet_class_init (SighejPageMeetClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_MEET_FIND);
  g_type_ensure (SIGHEJ_TYPE_CHAT);
  G_OBJECT_CLASS (class)->dispose = sighej_page_meet_dispose;
  widget_class->map = sighej_page_meet_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-meet.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, meets);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, stack);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, find_tab);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, talk_tab);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, news);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, news_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, talk_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, find);
  gtk_widget_class_bind_template_child (widget_class, SighejPageMeet, chat);
  gtk_widget_class_bind_template_callback (widget_class, on_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_tab);
  gtk_widget_class_bind_template_callback (widget_class, on_news);
}

static void
sighej_page_meet_init (SighejPageMeet *self)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  sighej_stack_hide_from_readers (self->stack);
  g_action_map_add_action_entries (
      G_ACTION_MAP (group), actions, (int) G_N_ELEMENTS (actions), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "meet", G_ACTION_GROUP (group));
  on_tab (self);
}

GtkWidget *
sighej_page_meet_new (SighejModel *model)
{
  SighejPageMeet *self = g_object_new (SIGHEJ_TYPE_PAGE_MEET, NULL);

  self->model = g_object_ref (model);
  sighej_meet_find_set_model (self->find, model);
  sighej_chat_set_model (self->chat, model);
  g_signal_connect_object (sighej_chat_get_messages (self->chat),
                           "items-changed",
                           G_CALLBACK (show_news),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  /* What was refused is not so: a switch goes back. */
  g_signal_connect_object (model, "error", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
