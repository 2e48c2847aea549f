/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-meet-find.h"

#include <glib/gi18n.h>

#include "sighej-band-bar.h"
#include "sighej-confirm.h"
#include "sighej-countdown.h"
#include "sighej-cue.h"
#include "sighej-enum-types.h"
#include "sighej-icebreaker.h"
#include "sighej-names.h"
#include "sighej-nudge-list.h"
#include "sighej-words.h"

struct _SighejMeetFind
{
  AdwBin parent_instance;

  SighejModel *model;
  guint id;
  int cue_number;   /* of what @cue shows */
  gboolean showing; /* the rows are set by the bus, not by the person */
  SighejCueColour shown_colour;

  GtkBox *box;
  GtkBox *card;
  GtkLabel *cue;
  GtkLabel *colour;
  GtkLabel *handles;
  SighejBandBar *band;
  SighejCountdown *left;
  GtkLabel *presence;
  GtkWidget *met;
  GtkWidget *compare;
  GtkLabel *compare_why;
  GtkLabel *phrase;
  GtkLabel *icebreaker;
  AdwComboRow *spot;
  AdwActionRow *share;
  GtkSwitch *share_switch;
  AdwActionRow *trust;
  GtkImage *trust_icon;
  GtkSwitch *avoid_switch;
};

G_DEFINE_FINAL_TYPE (SighejMeetFind, sighej_meet_find, ADW_TYPE_BIN)

/* ---- what the person does ---- */

static void
on_here (SighejMeetFind *self)
{
  sighej_model_im_here (self->model, self->id);
}

static void
on_met (SighejMeetFind *self)
{
  sighej_model_confirm_met (self->model, self->id);
}

static void
on_end (SighejMeetFind *self)
{
  sighej_confirm_end_meet (GTK_WIDGET (self), self->model, self->id);
}

/* The first of the list is that none is agreed on yet. */
static void
on_spot (SighejMeetFind *self)
{
  guint selected = adw_combo_row_get_selected (self->spot);
  GListModel *spots = adw_combo_row_get_model (self->spot);

  if (self->showing || selected == 0 || selected == GTK_INVALID_LIST_POSITION)
    return;
  sighej_model_propose_spot (
      self->model, self->id, gtk_string_list_get_string (GTK_STRING_LIST (spots), selected));
}

/* A switch moves on when the bus says so. */
static gboolean
on_share (SighejMeetFind *self, gboolean state)
{
  if (!self->showing)
    sighej_model_share_position (self->model, self->id, state);
  return !self->showing;
}

static gboolean
on_avoid (SighejMeetFind *self, gboolean state)
{
  if (!self->showing)
    sighej_model_avoid_meet (self->model, self->id, state);
  return !self->showing;
}

static void
show_switch (GtkSwitch *widget, gboolean on)
{
  gtk_switch_set_active (widget, on);
  gtk_switch_set_state (widget, on);
}

/* ---- what the bus says ---- */

static const char *
or_empty (const char *word)
{
  return word != NULL ? word : "";
}

/* Only what differs, so that nobody hears the same twice. */
static void
show_text (GtkLabel *label, const char *text)
{
  if (!g_str_equal (gtk_label_get_text (label), text))
    gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static int
enum_of (GType type, const char *word, int none)
{
  int value;

  return word != NULL && sighej_enum_from_nick (type, word, &value) ? value : none;
}

static void
show_cue (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  const char *cue = or_empty (sighej_dbus_meet1_get_cue (meet));
  g_autofree char *look_for = NULL;
  g_autofree char *spoken = NULL;
  g_autofree char *named = NULL;
  SighejCueColour colour;

  if (g_str_equal (gtk_label_get_text (self->cue), cue))
    return;
  self->cue_number = sighej_cue_from_text (cue);
  colour = sighej_cue_get_colour (self->cue_number);
  gtk_widget_remove_css_class (GTK_WIDGET (self->card),
                               sighej_cue_colour_to_style (self->shown_colour));
  gtk_widget_add_css_class (GTK_WIDGET (self->card), sighej_cue_colour_to_style (colour));
  self->shown_colour = colour;
  gtk_label_set_text (self->cue, cue);
  /* Translators: the colour in which the cue is shown: "Colour: blue" */
  named = g_strdup_printf (_ ("Colour: %s"), sighej_cue_colour_to_text (colour));
  gtk_label_set_text (self->colour, named);

  look_for = sighej_words_dup_look_for (cue, NULL);
  spoken = g_strjoin (" ", look_for, named, NULL);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->card), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
show_handles (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  g_autofree char *own = sighej_words_dup_quoted (or_empty (sighej_dbus_meet1_get_handle (meet)));
  g_autofree char *peer
      = sighej_words_dup_quoted (or_empty (sighej_dbus_meet1_get_peer_handle (meet)));
  /* Translators: the names both were given for this meet: "You are “Red Fox”, they are …" */
  g_autofree char *text = g_strdup_printf (_ ("You are %s, they are %s."), own, peer);

  show_text (self->handles, text);
}

static void
show_presence (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  gboolean here = sighej_dbus_meet1_get_here (meet);
  gboolean peer_here = sighej_dbus_meet1_get_peer_here (meet);
  gboolean confirmed = sighej_dbus_meet1_get_confirmed (meet);
  g_autoptr (GStrvBuilder) sentences = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autofree char *text = NULL;

  if (!sighej_dbus_meet1_get_peer_there (meet))
    g_strv_builder_add (sentences, _ ("Their machine is not connected right now."));
  if (here && peer_here)
    g_strv_builder_add (sentences, _ ("Both of you are there."));
  else if (peer_here)
    g_strv_builder_add (sentences, _ ("They say they are there."));
  else if (here)
    g_strv_builder_add (sentences, _ ("You said that you are there."));
  if (confirmed)
    g_strv_builder_add (sentences, _ ("You said that you met. It is over when they say so, too."));

  all = g_strv_builder_end (sentences);
  text = g_strjoinv ("\n", all);
  show_text (self->presence, text);
  gtk_widget_set_sensitive (self->met, !confirmed);
}

/* The list is made anew only when it differs: an open popover stays. */
static void
show_spots (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  const char *const *spots = sighej_dbus_meet1_get_spots (meet);
  const char *spot = or_empty (sighej_dbus_meet1_get_spot (meet));
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  GListModel *shown = adw_combo_row_get_model (self->spot);
  guint selected = 0;
  gboolean same;

  gtk_string_list_append (list, _ ("Not agreed yet"));
  for (guint i = 0; spots != NULL && spots[i] != NULL; i++)
    {
      gtk_string_list_append (list, spots[i]);
      if (g_str_equal (spots[i], spot))
        selected = i + 1;
    }
  same = shown != NULL
         && g_list_model_get_n_items (shown) == g_list_model_get_n_items (G_LIST_MODEL (list));
  for (guint i = 0; same && i < g_list_model_get_n_items (shown); i++)
    same = g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (shown), i),
                        gtk_string_list_get_string (list, i));
  if (!same)
    adw_combo_row_set_model (self->spot, G_LIST_MODEL (list));
  if (adw_combo_row_get_selected (self->spot) != selected)
    adw_combo_row_set_selected (self->spot, selected);
}

/* (transfer full): where the other is, what stands in the way of showing ours */
static char *
describe_places (SighejDBusMeet1 *meet)
{
  GVariant *place = sighej_dbus_meet1_get_peer_place (meet);
  int problem = enum_of (
      SIGHEJ_TYPE_MEET_PROBLEM, sighej_dbus_meet1_get_problem (meet), SIGHEJ_MEET_PROBLEM_NONE);
  const char *direction = "", *distance = "";
  g_autofree char *where = NULL;

  if (place != NULL)
    g_variant_get (place, "(&s&s)", &direction, &distance);
  if (*distance != '\0')
    where = sighej_words_dup_place (
        (SighejDirection) enum_of (SIGHEJ_TYPE_DIRECTION, direction, SIGHEJ_DIRECTION_NONE),
        (SighejDistance) enum_of (SIGHEJ_TYPE_DISTANCE, distance, SIGHEJ_DISTANCE_FAR));
  else
    where = g_strdup (_ ("You show each other where you are, once it is known."));
  if (problem < (int) SIGHEJ_MEET_PROBLEM_LOCATION_MISSING)
    return g_steal_pointer (&where);
  return g_strdup_printf ("%s\n%s", where, sighej_words_problem ((SighejMeetProblem) problem));
}

static void
show_sharing (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  int sharing = enum_of (
      SIGHEJ_TYPE_MEET_SHARING, sighej_dbus_meet1_get_sharing (meet), SIGHEJ_MEET_SHARING_OFF);
  g_autofree char *text = NULL;

  if (sharing == SIGHEJ_MEET_SHARING_ON)
    text = describe_places (meet);
  else if (sharing == SIGHEJ_MEET_SHARING_ASKED)
    text = g_strdup (_ ("They see it when they say yes, too. They are not told; ask them."));
  else
    text = g_strdup (_ ("Which way and about how far, never the place. Both have to say yes."));
  if (g_strcmp0 (adw_action_row_get_subtitle (self->share), text) != 0)
    adw_action_row_set_subtitle (self->share, text);
  show_switch (self->share_switch, sharing != SIGHEJ_MEET_SHARING_OFF);
}

static void
show_trust (SighejMeetFind *self, SighejDBusMeet1 *meet)
{
  static const char *const icons[] = {
    [SIGHEJ_MEET_TRUST_UNKNOWN] = "dialog-question-symbolic",
    [SIGHEJ_MEET_TRUST_VERIFIED] = "channel-secure-symbolic",
    [SIGHEJ_MEET_TRUST_PHRASE] = "channel-secure-symbolic",
    [SIGHEJ_MEET_TRUST_BROKEN] = "dialog-warning-symbolic",
  };
  int trust = enum_of (
      SIGHEJ_TYPE_MEET_TRUST, sighej_dbus_meet1_get_trust (meet), SIGHEJ_MEET_TRUST_UNKNOWN);
  int problem = enum_of (
      SIGHEJ_TYPE_MEET_PROBLEM, sighej_dbus_meet1_get_problem (meet), SIGHEJ_MEET_PROBLEM_NONE);
  const char *more = trust == SIGHEJ_MEET_TRUST_BROKEN
                         ? or_empty (sighej_words_problem ((SighejMeetProblem) problem))
                         : "";
  gboolean compare = trust == SIGHEJ_MEET_TRUST_PHRASE;

  show_text (self->phrase, compare ? or_empty (sighej_dbus_meet1_get_phrase (meet)) : "");
  gtk_label_set_text (self->compare_why, compare ? sighej_words_trust (trust) : "");
  gtk_widget_set_visible (self->compare, compare);
  gtk_widget_set_visible (GTK_WIDGET (self->trust), !compare);
  gtk_image_set_from_icon_name (self->trust_icon, icons[trust]);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->trust),
                                 sighej_words_trust ((SighejMeetTrust) trust));
  adw_action_row_set_subtitle (self->trust, more);
}

/* The question stays though the nudge, which knows what both like, may leave before the meet. */
static void
show_icebreaker (SighejMeetFind *self)
{
  SighejClient *client = sighej_model_get_client (self->model);
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (client, self->id);
  const char *const *categories = nudge != NULL ? sighej_dbus_nudge1_get_categories (nudge) : NULL;

  show_text (self->icebreaker, _ (sighej_icebreaker_pick (self->cue_number, categories)));
}

/* ---- life ---- */

static void
sighej_meet_find_dispose (GObject *object)
{
  g_clear_object (&SIGHEJ_MEET_FIND (object)->model);
  G_OBJECT_CLASS (sighej_meet_find_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, SighejMeetFind, box);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, card);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, cue);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, colour);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, handles);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, band);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, left);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, presence);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, met);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, compare);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, compare_why);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, phrase);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, icebreaker);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, spot);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, share);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, share_switch);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, trust);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, trust_icon);
  gtk_widget_class_bind_template_child (class, SighejMeetFind, avoid_switch);
}

static void
sighej_meet_find_class_init (SighejMeetFindClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_BAND_BAR);
  g_type_ensure (SIGHEJ_TYPE_COUNTDOWN);
  G_OBJECT_CLASS (class)->dispose = sighej_meet_find_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-meet-find.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_here);
  gtk_widget_class_bind_template_callback (widget_class, on_met);
  gtk_widget_class_bind_template_callback (widget_class, on_end);
  gtk_widget_class_bind_template_callback (widget_class, on_spot);
  gtk_widget_class_bind_template_callback (widget_class, on_share);
  gtk_widget_class_bind_template_callback (widget_class, on_avoid);
}

static void
sighej_meet_find_init (SighejMeetFind *self)
{
  self->cue_number = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
sighej_meet_find_set_model (SighejMeetFind *self, SighejModel *model)
{
  g_return_if_fail (SIGHEJ_IS_MEET_FIND (self));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
  gtk_box_append (self->box, sighej_nudge_list_new (model));
}

void
sighej_meet_find_show (SighejMeetFind *self, guint id, SighejDBusMeet1 *meet)
{
  g_return_if_fail (SIGHEJ_IS_MEET_FIND (self));

  self->showing = TRUE;
  show_cue (self, meet);
  if (id != self->id)
    {
      self->id = id;
      show_icebreaker (self);
    }
  show_handles (self, meet);
  sighej_band_bar_set_word (self->band, sighej_dbus_meet1_get_band (meet));
  sighej_countdown_set_end (self->left, sighej_dbus_meet1_get_expires (meet));
  show_presence (self, meet);
  show_spots (self, meet);
  show_sharing (self, meet);
  show_trust (self, meet);
  show_switch (self->avoid_switch, sighej_dbus_meet1_get_avoid (meet));
  self->showing = FALSE;
}
