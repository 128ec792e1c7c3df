# tenant_acl: PGXS build. Files are found by wildcard.
#
#   make && make install
#   make installcheck		against a running server, as an ordinary user
#
# Another PostgreSQL than the path's: make PG_CONFIG=/path/to/pg_config

EXTENSION   = tenant_acl
MODULE_big  = tenant_acl
OBJS        = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA        = $(sort $(wildcard sql/tenant_acl--*.sql))
PG_CFLAGS   = -fvisibility=hidden
SHLIB_LINK  = -lcrypto
PGFILEDESC  = "tenant_acl - roles and permissions per user and tenant"

# Regression tests are sql/*.sql whose names have no "--"; isolation tests are
# specs/*.spec. Those in specs/fault and t/fault need a build with
# -DTACL_FAULT_POINTS and are run by scripts/check.sh.
REGRESS      = $(filter-out tenant_acl--%,$(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql))))
REGRESS_OPTS = --load-extension=$(EXTENSION)
ISOLATION    = $(patsubst specs/%.spec,%,$(sort $(wildcard specs/*.spec)))
ISOLATION_OPTS = --load-extension=$(EXTENSION)
TAP_TESTS    = $(if $(wildcard t/*.pl),1)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# One list of headers is enough: they are few, and a build takes seconds.
$(OBJS) $(OBJS:.o=.bc): $(wildcard src/*.h)
