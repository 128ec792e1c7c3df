# prepared: a check as an application asks it, a prepared statement of its own,
# by 8 clients of pgbench, against a statement that returns the parameters.

seconds=$(pick 4 2)
model_database prepared

case="one check a statement, 8 clients"
for round in $(rounds); do
	rate "$case" "SELECT \$1, \$2, \$3" "$seconds" 1 -c 8 -j 2 -D u=user-1 -D p=orders.view -D t=tenant-7 <<-'END'
		SELECT :u, :p, :t;
	END
	rate "$case" "SELECT tacl_can(\$1, \$2, \$3)" "$seconds" 1 -c 8 -j 2 -D u=user-1 -D p=orders.view -D t=tenant-7 <<-'END'
		SELECT tacl_can(:u, :p, :t);
	END
done

compare "$case" "SELECT \$1, \$2, \$3" "1/s"
compare "$case" "SELECT tacl_can(\$1, \$2, \$3)" "1/s" "SELECT \$1, \$2, \$3" ">= 0.95"
