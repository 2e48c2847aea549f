/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-interest-chips.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "sighej-chips.h"
#include "sighej-interest-search.h"
#include "sighej-names.h"
#include "sighej-vocabulary.h"
#include "sighej-wrap-box.h"

struct _SighejInterestChips
{
  GtkWidget parent_instance;

  SighejModel *model;
  SighejInterestSearch *search;
  GCancellable *cancellable;

  SighejWrapBox *chips;
  GtkEntry *entry;
  GtkLabel *problem;
  GtkListBox *suggestions;
  GtkLabel *count;

  GStrv shown;
  char *language;
  gboolean sending;
  gboolean send_again;
};

G_DEFINE_FINAL_TYPE (SighejInterestChips, sighej_interest_chips, GTK_TYPE_WIDGET)

/* What a row of the suggestions would add. */
#define ROW_INTEREST "sighej-interest"

static void change (SighejInterestChips *self, GStrv interests);
static void on_remove (GtkButton *button, SighejInterestChips *self);

/* ---- what is shown ---- */

static const char *const *
shown (SighejInterestChips *self)
{
  return (const char *const *) self->shown;
}

/* The language of labels: the daemon's, else the person's. */
static const char *
get_language (SighejInterestChips *self)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);
  const char *language = manager != NULL ? sighej_dbus_manager1_get_language (manager) : NULL;

  return language != NULL ? language : g_get_language_names ()[0];
}

static void
show_problem (SighejInterestChips *self, SighejChipsProblem problem)
{
  const char *sentence = sighej_chips_problem_to_sentence (problem);

  gtk_label_set_label (self->problem, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *sentence != '\0');
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, sentence, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               *sentence != '\0' ? GTK_ACCESSIBLE_INVALID_TRUE
                                                 : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static GtkWidget *
make_chip (SighejInterestChips *self, const char *interest)
{
  g_autofree char *label = sighej_chips_dup_label (interest, self->language);
  g_autofree char *name = g_strdup_printf (_ ("Remove %s"), label);
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *text = gtk_label_new (label);
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_remove), self, G_CONNECT_DEFAULT);
  gtk_widget_add_css_class (chip, "chip");
  gtk_box_append (GTK_BOX (chip), text);
  gtk_box_append (GTK_BOX (chip), button);
  return chip;
}

/* Where among the chips @inside is; -1: nowhere. */
static int
find_chip (SighejInterestChips *self, GtkWidget *inside)
{
  int i = 0;

  for (GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips)); chip != NULL;
       chip = gtk_widget_get_next_sibling (chip), i++)
    if (inside != NULL && gtk_widget_is_ancestor (inside, chip))
      return i;
  return -1;
}

/* Who was on a chip stays on one: the same place in the list. */
static void
focus_chip (SighejInterestChips *self, int position)
{
  GtkWidget *chip = gtk_widget_get_first_child (GTK_WIDGET (self->chips));

  for (int i = 0; i < position && gtk_widget_get_next_sibling (chip) != NULL; i++)
    chip = gtk_widget_get_next_sibling (chip);
  if (chip != NULL)
    gtk_widget_grab_focus (gtk_widget_get_last_child (chip));
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
show_count (SighejInterestChips *self)
{
  guint n = g_strv_length (self->shown);
  g_autofree char *text = n == 0
                              ? g_strdup (_ ("None yet. Choose at least one."))
                              : g_strdup_printf (_ ("%u of %u"), n, (guint) SIGHEJ_INTERESTS_MAX);

  gtk_label_set_label (self->count, text);
}

static void
rebuild (SighejInterestChips *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  int focused = root != NULL ? find_chip (self, gtk_root_get_focus (root)) : -1;

  sighej_wrap_box_clear (self->chips);
  for (guint i = 0; self->shown[i] != NULL; i++)
    sighej_wrap_box_append (self->chips, make_chip (self, self->shown[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->chips), self->shown[0] != NULL);
  show_count (self);
  if (focused >= 0)
    focus_chip (self, focused);
}

static void
show_interests (SighejInterestChips *self, const char *const *interests)
{
  GStrv before = self->shown;

  self->shown = g_strdupv ((char **) interests);
  g_strfreev (before); /* not sooner: they may be the same */
  rebuild (self);
}

/* Shows what the daemon holds, unless it is about to be told otherwise. */
static void
show_held (SighejInterestChips *self)
{
  const char *const *held = sighej_model_get_interests (self->model);
  const char *language = get_language (self);
  gboolean same = g_strcmp0 (language, self->language) == 0;

  gtk_widget_set_sensitive (GTK_WIDGET (self), sighej_model_get_manager (self->model) != NULL);
  if (self->sending || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || (same && g_strv_equal (held, shown (self))))
    return;

  g_free (self->language);
  self->language = g_strdup (language);
  show_interests (self, held);
}

/* ---- telling the daemon ---- */

static void send_interests (SighejInterestChips *self);

static void
interests_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejInterestChips) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  self->sending = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->send_again)
    {
      send_interests (self);
      return;
    }
  /* That it is done comes as a change of the model. */
  if (reply == NULL)
    {
      sighej_model_tell_error (self->model, error);
      show_held (self);
    }
}

static void
send_interests (SighejInterestChips *self)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);

  if (manager == NULL)
    return;

  self->sending = TRUE;
  self->send_again = FALSE;
  g_dbus_proxy_call (G_DBUS_PROXY (manager),
                     "SetInterests",
                     g_variant_new ("(^as)", self->shown),
                     G_DBUS_CALL_FLAGS_NONE,
                     SIGHEJ_MODEL_CALL_TIMEOUT_MS,
                     self->cancellable,
                     interests_sent,
                     g_object_ref (self));
}

/* @interests: (transfer full) */
static void
change (SighejInterestChips *self, GStrv interests)
{
  g_auto (GStrv) list = interests;

  show_interests (self, (const char *const *) list);
  if (self->sending)
    self->send_again = TRUE;
  else
    send_interests (self);
}

/* Whether it could be done; says why not. */
static gboolean
insert (SighejInterestChips *self, const char *text, guint position)
{
  SighejChipsProblem problem;
  GStrv interests = sighej_chips_insert (shown (self), text, position, &problem);

  show_problem (self, problem);
  if (interests == NULL)
    return FALSE;

  change (self, interests);
  return TRUE;
}

static void
add (SighejInterestChips *self, const char *text)
{
  if (!insert (self, text, G_MAXUINT))
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* ---- removing, and putting back ---- */

typedef struct
{
  SighejInterestChips *chips;
  char *interest;
  guint position;
} Removed;

static void
removed_free (gpointer data, GClosure *closure)
{
  Removed *removed = data;

  g_object_unref (removed->chips);
  g_free (removed->interest);
  g_free (removed);
}

static void
on_undo (AdwToast *toast, Removed *removed)
{
  insert (removed->chips, removed->interest, removed->position);
}

static void
offer_undo (SighejInterestChips *self, const char *interest, guint position)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *label = sighej_chips_dup_label (interest, self->language);
  g_autofree char *sentence = g_strdup_printf (_ ("%s removed"), label);
  g_autofree char *markup = g_markup_escape_text (sentence, -1);
  AdwToast *toast;
  Removed *removed;

  if (overlay == NULL)
    return;

  removed = g_new0 (Removed, 1);
  removed->chips = g_object_ref (self);
  removed->interest = g_strdup (interest);
  removed->position = position;
  toast = adw_toast_new (markup);
  adw_toast_set_button_label (toast, _ ("Undo"));
  g_signal_connect_data (
      toast, "button-clicked", G_CALLBACK (on_undo), removed, removed_free, G_CONNECT_DEFAULT);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
on_remove (GtkButton *button, SighejInterestChips *self)
{
  int position = find_chip (self, GTK_WIDGET (button));
  g_autofree char *interest = NULL;
  SighejChipsProblem problem;
  GStrv rest;

  g_return_if_fail (position >= 0);

  interest = g_strdup (self->shown[position]);
  rest = sighej_chips_remove (shown (self), (guint) position, &problem);
  show_problem (self, problem);
  if (rest == NULL)
    return;

  change (self, rest);
  offer_undo (self, interest, (guint) position);
}

/* ---- suggestions ---- */

static void
hide_suggestions (SighejInterestChips *self)
{
  GtkWidget *row;

  gtk_widget_set_visible (GTK_WIDGET (self->suggestions), FALSE);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->suggestions))) != NULL)
    gtk_list_box_remove (self->suggestions, row);
}

static AdwActionRow *
append_row (SighejInterestChips *self, const char *title, const char *subtitle, const char *adds)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), ROW_INTEREST, g_strdup (adds), g_free);
  gtk_list_box_append (self->suggestions, GTK_WIDGET (row));
  return row;
}

/* What is written stands for itself, unless it is one of the words that were found. */
static void
append_free_text (SighejInterestChips *self, const char *text)
{
  g_autofree char *title = g_strdup_printf (_ ("Add “%s”"), text);
  AdwActionRow *row = append_row (self, title, "", text);

  adw_action_row_add_prefix (row, gtk_image_new_from_icon_name ("list-add-symbolic"));
}

/* @found: (nullable): a(sss) */
static void
show_suggestions (SighejInterestChips *self, const char *text, GVariant *found)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autofree char *resolved = sighej_vocabulary_resolve (vocabulary, text, NULL);
  gsize n = found != NULL ? g_variant_n_children (found) : 0;
  gboolean known = FALSE;

  hide_suggestions (self);
  for (gsize i = 0; i < n; i++)
    {
      const char *id;
      const char *label;
      const char *category;

      g_variant_get_child (found, i, "(&s&s&s)", &id, &label, &category);
      known = known || g_strcmp0 (id, resolved) == 0;
      if (sighej_chips_check (shown (self), id) == SIGHEJ_CHIPS_ALREADY)
        continue;
      append_row (self,
                  label,
                  sighej_vocabulary_get_category_label (vocabulary, category, self->language),
                  id);
    }
  if (!known && sighej_chips_check (shown (self), text) != SIGHEJ_CHIPS_ALREADY)
    append_free_text (self, text);
  gtk_widget_set_visible (GTK_WIDGET (self->suggestions),
                          gtk_widget_get_first_child (GTK_WIDGET (self->suggestions)) != NULL);
}

static void
on_found (SighejInterestSearch *search,
          const char *query,
          GVariant *found,
          SighejInterestChips *self)
{
  show_suggestions (self, query, found);
}

static void
on_text_changed (SighejInterestChips *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree char *query = g_strstrip (g_strdup (text));
  SighejChipsProblem problem
      = *query != '\0' ? sighej_chips_check (shown (self), query) : SIGHEJ_CHIPS_FINE;
  gboolean searchable
      = *query != '\0' && problem != SIGHEJ_CHIPS_TOO_LONG && problem != SIGHEJ_CHIPS_NO_TEXT;

  /* "Already there" may be the beginning of another word: it is said when it is to be added. */
  show_problem (self, problem == SIGHEJ_CHIPS_ALREADY ? SIGHEJ_CHIPS_FINE : problem);
  if (!searchable)
    hide_suggestions (self);
  sighej_interest_search_set_query (
      self->search, sighej_model_get_manager (self->model), searchable ? query : "");
}

static void
on_entry_activate (SighejInterestChips *self)
{
  add (self, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, SighejInterestChips *self)
{
  g_autofree char *interest = g_strdup (g_object_get_data (G_OBJECT (row), ROW_INTEREST));

  add (self, interest);
}

/* ---- keys ---- */

static gboolean
on_entry_key (GtkEventControllerKey *controller,
              guint keyval,
              guint keycode,
              GdkModifierType state,
              SighejInterestChips *self)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->suggestions));

  if (first == NULL)
    return FALSE;
  if (keyval == GDK_KEY_Down || keyval == GDK_KEY_KP_Down)
    return gtk_widget_grab_focus (first);
  if (keyval != GDK_KEY_Escape)
    return FALSE;
  hide_suggestions (self);
  return TRUE;
}

static gboolean
on_list_key (GtkEventControllerKey *controller,
             guint keyval,
             guint keycode,
             GdkModifierType state,
             SighejInterestChips *self)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->suggestions));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  gboolean up = keyval == GDK_KEY_Up || keyval == GDK_KEY_KP_Up;

  if (keyval != GDK_KEY_Escape && !(up && gtk_root_get_focus (root) == first))
    return FALSE;

  gtk_entry_grab_focus_without_selecting (self->entry);
  if (keyval == GDK_KEY_Escape)
    hide_suggestions (self);
  return TRUE;
}

static void
add_keys (SighejInterestChips *self, GtkWidget *widget, GCallback callback)
{
  GtkEventController *controller = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (controller, "key-pressed", callback, self, G_CONNECT_DEFAULT);
  gtk_widget_add_controller (widget, controller);
}

/* ---- life ---- */

static gboolean
sighej_interest_chips_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIGHEJ_INTEREST_CHIPS (widget)->entry));
}

static void
sighej_interest_chips_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_interest_chips_parent_class)->map (widget);

  show_held (SIGHEJ_INTEREST_CHIPS (widget));
}

static void
sighej_interest_chips_dispose (GObject *object)
{
  SighejInterestChips *self = SIGHEJ_INTEREST_CHIPS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->search);
  g_clear_object (&self->model);
  gtk_widget_dispose_template (GTK_WIDGET (self), SIGHEJ_TYPE_INTEREST_CHIPS);

  G_OBJECT_CLASS (sighej_interest_chips_parent_class)->dispose (object);
}

static void
sighej_interest_chips_finalize (GObject *object)
{
  SighejInterestChips *self = SIGHEJ_INTEREST_CHIPS (object);

  g_strfreev (self->shown);
  g_free (self->language);

  G_OBJECT_CLASS (sighej_interest_chips_parent_class)->finalize (object);
}

static void
sighej_interest_chips_class_init (SighejInterestChipsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sighej_interest_chips_dispose;
  object_class->finalize = sighej_interest_chips_finalize;
  widget_class->grab_focus = sighej_interest_chips_grab_focus;
  widget_class->map = sighej_interest_chips_map;

  g_type_ensure (SIGHEJ_TYPE_WRAP_BOX);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-interest-chips.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejInterestChips, chips);
  gtk_widget_class_bind_template_child (widget_class, SighejInterestChips, entry);
  gtk_widget_class_bind_template_child (widget_class, SighejInterestChips, problem);
  gtk_widget_class_bind_template_child (widget_class, SighejInterestChips, suggestions);
  gtk_widget_class_bind_template_child (widget_class, SighejInterestChips, count);
}

static void
sighej_interest_chips_init (SighejInterestChips *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->cancellable = g_cancellable_new ();
  self->search = sighej_interest_search_new ();
  self->shown = g_new0 (char *, 1);
  g_signal_connect_object (self->search, "found", G_CALLBACK (on_found), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      self->entry, "changed", G_CALLBACK (on_text_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->entry, "activate", G_CALLBACK (on_entry_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->suggestions, "row-activated", G_CALLBACK (on_row_activated), self, G_CONNECT_DEFAULT);
  add_keys (self, GTK_WIDGET (self->entry), G_CALLBACK (on_entry_key));
  add_keys (self, GTK_WIDGET (self->suggestions), G_CALLBACK (on_list_key));
}

GtkWidget *
sighej_interest_chips_new (SighejModel *model)
{
  SighejInterestChips *self = g_object_new (SIGHEJ_TYPE_INTEREST_CHIPS, NULL);

  self->model = g_object_ref (model);
  self->language = g_strdup (get_language (self));
  show_interests (self, sighej_model_get_interests (model));
  g_signal_connect_object (model, "changed", G_CALLBACK (show_held), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
