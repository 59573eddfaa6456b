#ifndef KEELSON_CPROCESS_H
#define KEELSON_CPROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Starts processes and follows them: what Swift cannot say by itself, because between vfork and
   exec nothing but plain system calls may run. */

/* A folder of the host that the process sees somewhere else. */
struct keelson_mount {
    const char *source;
    const char *target;
    int is_read_only;
};

/* What a process is started as. All pointers stay the caller's. */
struct keelson_process {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *working_directory;
    /* Become descriptors 0, 1 and 2; every other one is closed. */
    int standard[3];
    /* Whether standard[0] becomes the controlling terminal. */
    int has_terminal;
    /* Sent to the process when the thread that started it ends; 0 for none. */
    int parent_death_signal;
    /* Each is a cgroup.procs opened for writing. */
    const int *cgroups;
    int cgroup_count;
    /* Seen by this process alone, in a mount namespace of its own. */
    const struct keelson_mount *mounts;
    int mount_count;
    /* A mount namespace to enter, or -1. */
    int mount_namespace;
    /* -1 keeps the caller's. */
    int64_t user;
    int64_t group;
};

/* The step of a start that failed. */
enum keelson_step {
    KEELSON_STEP_NONE,
    KEELSON_STEP_FORK,
    KEELSON_STEP_SESSION,
    KEELSON_STEP_CGROUP,
    KEELSON_STEP_MOUNT,
    KEELSON_STEP_USER,
    KEELSON_STEP_DIRECTORY,
    KEELSON_STEP_EXEC,
};

struct keelson_start {
    pid_t process;
    int step;
    int error;
    /* Which of the cgroups or mounts failed. */
    int index;
};

/* Starts a process in a session of its own. On failure nothing is left of it. */
struct keelson_start keelson_start_process(const struct keelson_process *process);

/* A descriptor that becomes readable when the process ends; -1 with errno set. */
int keelson_open_process(pid_t process);
/* Signals the process behind such a descriptor, never another with the same number. */
int keelson_signal_process(int descriptor, int signal);
/* Makes the caller the parent of all orphans among its descendants. */
int keelson_adopt_orphans(void);
/* Blocks all signals and gives a descriptor that is readable when a child has ended. */
int keelson_watch_children(void);
/* Makes a terminal that is not inherited; ends[0] is the side of whoever sits before it. */
int keelson_make_terminal(int ends[2]);
/* Tells a terminal its size. */
int keelson_resize_terminal(int descriptor, uint16_t columns, uint16_t rows);
/* Makes a pipe that is not inherited; ends[0] is to read from. */
int keelson_make_pipe(int ends[2]);

/* A descriptor that can be read while one of a set is ready; it is not inherited. */
int keelson_make_set(void);
/* Adds a descriptor that is waited for until it can be read, or else be written. */
int keelson_add_to_set(int set, int descriptor, int is_to_be_written);

#endif
