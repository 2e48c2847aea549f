/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-objects.h"

#include "sighej-enum-types.h"
#include "sighej-export-meet.h"
#include "sighej-export-nudge.h"
#include "sighej-names.h"

struct _SighejExportObjects
{
  GObject parent_instance;

  SighejMeets *meets;
  SighejDBusManager1 *manager;
  GDBusObjectManagerServer *server;
};

G_DEFINE_FINAL_TYPE (SighejExportObjects, sighej_export_objects, G_TYPE_OBJECT)

static void
sighej_export_objects_init (SighejExportObjects *self)
{
}

static void
sighej_export_objects_dispose (GObject *object)
{
  SighejExportObjects *self = SIGHEJ_EXPORT_OBJECTS (object);

  g_clear_object (&self->server);
  g_clear_object (&self->manager);
  g_clear_object (&self->meets);

  G_OBJECT_CLASS (sighej_export_objects_parent_class)->dispose (object);
}

static void
sighej_export_objects_class_init (SighejExportObjectsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_objects_dispose;
}

/* (transfer full) (nullable) */
static SighejDBusObject *
find (SighejExportObjects *self, const char *path)
{
  GDBusObject *object
      = g_dbus_object_manager_get_object (G_DBUS_OBJECT_MANAGER (self->server), path);

  return object == NULL ? NULL : SIGHEJ_DBUS_OBJECT (object);
}

/* The last state is seen before the object leaves. */
static void
leave (SighejExportObjects *self, const char *path, gpointer exported)
{
  if (exported != NULL)
    g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (exported));
  g_dbus_object_manager_server_unexport (self->server, path);
}

/* ---- nudges ---- */

static SighejDBusNudge1 *
find_nudge (SighejExportObjects *self, const SighejNudge *nudge)
{
  g_autofree char *path = sighej_export_nudge_dup_path (nudge);
  g_autoptr (SighejDBusObject) object = find (self, path);

  return object == NULL ? NULL : sighej_dbus_object_get_nudge1 (object);
}

static void
on_nudge_added (SighejEncounters *encounters, const SighejNudge *nudge, SighejExportObjects *self)
{
  g_autofree char *path = sighej_export_nudge_dup_path (nudge);
  g_autoptr (SighejDBusObjectSkeleton) object = sighej_dbus_object_skeleton_new (path);
  g_autoptr (SighejExportNudge) exported = sighej_export_nudge_new (encounters, self->meets, nudge);

  sighej_dbus_object_skeleton_set_nudge1 (object, SIGHEJ_DBUS_NUDGE1 (exported));
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
  sighej_dbus_manager1_emit_nudge_received (
      self->manager, path, (const char *const *) nudge->shared_interests);
}

static void
on_nudge_changed (SighejEncounters *encounters, const SighejNudge *nudge, SighejExportObjects *self)
{
  g_autoptr (SighejDBusNudge1) exported = find_nudge (self, nudge);

  if (exported != NULL)
    sighej_export_nudge_show (SIGHEJ_EXPORT_NUDGE (exported), nudge);
}

static void
on_nudge_removed (SighejEncounters *encounters, const SighejNudge *nudge, SighejExportObjects *self)
{
  g_autofree char *path = sighej_export_nudge_dup_path (nudge);
  g_autoptr (SighejDBusNudge1) exported = find_nudge (self, nudge);

  leave (self, path, exported);
}

/* ---- meets ---- */

static SighejDBusMeet1 *
find_meet (SighejExportObjects *self, const SighejMeet *meet)
{
  g_autofree char *path = sighej_export_meet_dup_path (meet->number);
  g_autoptr (SighejDBusObject) object = find (self, path);

  return object == NULL ? NULL : sighej_dbus_object_get_meet1 (object);
}

static void
on_meet_added (SighejMeets *meets, const SighejMeet *meet, SighejExportObjects *self)
{
  g_autofree char *path = sighej_export_meet_dup_path (meet->number);
  g_autoptr (SighejDBusObjectSkeleton) object = sighej_dbus_object_skeleton_new (path);
  g_autoptr (SighejExportMeet) exported = sighej_export_meet_new (meets, meet);

  sighej_dbus_object_skeleton_set_meet1 (object, SIGHEJ_DBUS_MEET1 (exported));
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
}

static void
on_meet_changed (SighejMeets *meets, const SighejMeet *meet, SighejExportObjects *self)
{
  g_autoptr (SighejDBusMeet1) exported = find_meet (self, meet);

  if (exported != NULL)
    sighej_export_meet_show (SIGHEJ_EXPORT_MEET (exported), meet);
}

static void
on_meet_removed (SighejMeets *meets, const SighejMeet *meet, SighejExportObjects *self)
{
  g_autofree char *path = sighej_export_meet_dup_path (meet->number);
  g_autoptr (SighejDBusMeet1) exported = find_meet (self, meet);

  leave (self, path, exported);
}

static void
on_message (SighejMeets *meets,
            const SighejMeet *meet,
            const SighejMeetMessage *message,
            SighejExportObjects *self)
{
  g_autoptr (SighejDBusMeet1) exported = find_meet (self, meet);

  if (exported != NULL)
    sighej_dbus_meet1_emit_message_received (exported, message->n, message->text);
}

static void
on_marked (SighejMeets *meets,
           const SighejMeet *meet,
           const SighejMeetMessage *message,
           SighejExportObjects *self)
{
  g_autoptr (SighejDBusMeet1) exported = find_meet (self, meet);

  if (exported != NULL)
    sighej_dbus_meet1_emit_message_marked (
        exported, message->n, sighej_enum_to_nick (SIGHEJ_TYPE_MEET_MARK, (int) message->mark));
}

/* ---- public ---- */

static void
follow (SighejExportObjects *self, gpointer part, const char *signal, GCallback callback)
{
  g_signal_connect_object (part, signal, callback, self, G_CONNECT_DEFAULT);
}

SighejExportObjects *
sighej_export_objects_new (SighejPerson *person,
                           SighejDBusManager1 *manager,
                           GDBusObjectManagerServer *server)
{
  SighejExportObjects *self = g_object_new (SIGHEJ_TYPE_EXPORT_OBJECTS, NULL);
  SighejEncounters *encounters = sighej_person_get_encounters (person);

  self->meets = g_object_ref (sighej_person_get_meets (person));
  self->manager = g_object_ref (manager);
  self->server = g_object_ref (server);

  follow (self, encounters, "added", G_CALLBACK (on_nudge_added));
  follow (self, encounters, "changed", G_CALLBACK (on_nudge_changed));
  follow (self, encounters, "removed", G_CALLBACK (on_nudge_removed));
  follow (self, self->meets, "added", G_CALLBACK (on_meet_added));
  follow (self, self->meets, "changed", G_CALLBACK (on_meet_changed));
  follow (self, self->meets, "removed", G_CALLBACK (on_meet_removed));
  follow (self, self->meets, "message", G_CALLBACK (on_message));
  follow (self, self->meets, "marked", G_CALLBACK (on_marked));
  return self;
}
