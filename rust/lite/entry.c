// SPDX-License-Identifier: GPL-2.0
/* What rust/lite asks C for: memory, a mutex, the end by a panic; and the module's entry. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

void *rb_lite_realloc(void *old, size_t size, u32 flags);
void rb_lite_free(void *at);
void *rb_lite_mutex_new(void);
void rb_lite_mutex_free(struct mutex *mutex);
void rb_lite_mutex_lock(struct mutex *mutex);
void rb_lite_mutex_unlock(struct mutex *mutex);
void __noreturn rb_lite_panic(const char *text, size_t len);
int rb_module_init(void);
void rb_module_exit(void);

/* As alloc.rs numbers them. */
#define RB_LITE_ATOMIC 1
#define RB_LITE_ZERO 2

void *rb_lite_realloc(void *old, size_t size, u32 flags)
{
	gfp_t gfp = flags & RB_LITE_ATOMIC ? GFP_ATOMIC : GFP_KERNEL;

	if (flags & RB_LITE_ZERO)
		gfp |= __GFP_ZERO;
	return krealloc(old, size, gfp);
}

void rb_lite_free(void *at)
{
	kfree(at);
}

/* One class for lockdep: the driver has mutexes for one purpose. */
void *rb_lite_mutex_new(void)
{
	struct mutex *mutex = kmalloc(sizeof(*mutex), GFP_KERNEL);

	if (mutex)
		mutex_init(mutex);
	return mutex;
}

void rb_lite_mutex_free(struct mutex *mutex)
{
	mutex_destroy(mutex);
	kfree(mutex);
}

void rb_lite_mutex_lock(struct mutex *mutex)
{
	mutex_lock(mutex);
}

void rb_lite_mutex_unlock(struct mutex *mutex)
{
	mutex_unlock(mutex);
}

void rb_lite_panic(const char *text, size_t len)
{
	pr_emerg("%.*s\n", (int)len, text);
	BUG();
}

static int __init rb_init(void)
{
	return rb_module_init();
}

static void __exit rb_exit(void)
{
	rb_module_exit();
}

module_init(rb_init);
module_exit(rb_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The rustbond developers");
MODULE_DESCRIPTION("Ethernet channel bonding driver");
