# readers: checks of 8 clients, each for a user of its own, when nobody writes and
# while another client commits 100 assignments of other users a second.

seconds=$(pick 4 2)
model_database readers

# Prints the script of the readers.
reader() {
	echo "SELECT tacl_can('user-' || :client_id, 'orders.view', 'tenant-7');"
}

case="8 readers"
for round in $(rounds); do
	reader | rate "$case" "quiet" "$seconds" 1 -c 8 -j 2
	writer_begin 100 "$((seconds + 2))"
	reader | rate "$case" "100 assignments/s" "$seconds" 1 -c 8 -j 2
	writer_end
done

compare "$case" "quiet" "1/s"
compare "$case" "100 assignments/s" "1/s" "quiet" ">= 0.95"
