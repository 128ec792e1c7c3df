# Shows as_user.rb at work on the orders of ../setup.sql: over one pool of two
# connections, each user sees the orders of their organization.

require_relative 'as_user'
require 'stringio'

# PGHOST, PGUSER and so on say where.
CONFIG = { adapter: 'postgresql', database: ENV.fetch('PGDATABASE'), prepared_statements: false, pool: 2, checkout_timeout: 60 }.freeze
ActiveRecord::Base.establish_connection(CONFIG)
log = StringIO.new
ActiveRecord::Base.logger = Logger.new(log)

class Order < ActiveRecord::Base
end

TENANT = { 'alice' => 'org-acme', 'bob' => 'org-globex' }.freeze
ORDERS = { 'alice' => '1 2', 'bob' => '3', 'nobody' => '' }.freeze
TOKEN = TENANT.keys.to_h { |user| [user, AsUser.sign_token(user)] }.freeze

# Injected: another text under the name of each prepared statement about orders.
REPLACE = <<~'SQL'.freeze
  DO $$ DECLARE stmt text; BEGIN
      FOR stmt IN SELECT quote_ident(name) FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY%id%' LOOP
          EXECUTE 'DEALLOCATE ' || stmt;
          EXECUTE 'PREPARE ' || stmt || ' (bigint) AS SELECT 666 AS id LIMIT $1';
      END LOOP;
  END $$
SQL

def orders
  Order.order(:id).limit(9).map(&:id).join(' ')
end

# What is there without a user, if there is none.
def nobody
  ActiveRecord::Base.connection_pool.with_connection do |connection|
    connection.select_value('SELECT concat(tacl_user(), (SELECT min(id) FROM orders))')
  end
end

%i[in_transaction in_autocommit].each do |way|
  TENANT.each do |user, tenant|
    AsUser.send(way, TOKEN[user], tenant) { puts "#{way}: #{user} sees #{orders}" }
  end
  puts "#{way}: then nobody sees #{nobody}"
end

# An error takes back what was done, and the user.
begin
  AsUser.in_transaction(TOKEN['alice'], 'org-acme') do
    Order.create!(id: 4, tenant_id: 'org-acme')
    raise 'no more paper'
  end
rescue RuntimeError => e
  puts "error: #{e.message}"
end
begin
  AsUser.in_autocommit(TOKEN['alice'], 'org-acme') { Order.connection.execute('SELECT 1 / 0') }
rescue ActiveRecord::StatementInvalid => e
  puts "error: #{e.message[/division by zero/]}"
end
puts "error: then nobody sees #{nobody}"
AsUser.in_transaction(TOKEN['alice'], 'org-acme') { puts "error: then alice sees #{orders}" }

# An outer transaction would keep the user.
%i[in_transaction in_autocommit].each do |way|
  Order.transaction { AsUser.send(way, TOKEN['alice'], 'org-acme') { puts 'outer transaction: accepted' } }
rescue ActiveRecord::ActiveRecordError => e
  puts "outer transaction: #{e.message}"
end

# A transaction left open: its end must not bring the user back.
AsUser.in_autocommit(TOKEN['alice'], 'org-acme') { Order.connection.execute('BEGIN') }
Order.connection.execute('ROLLBACK') unless Order.connection.raw_connection.transaction_status.zero?
puts "left open: then nobody sees #{nobody}"

# What alice leaves under the name of a prepared statement must not run as bob.
AsUser.in_transaction(TOKEN['alice'], 'org-acme') do
  orders
  Order.connection.execute(REPLACE)
end
AsUser.in_transaction(TOKEN['bob'], 'org-globex') { puts "prepared: bob sees #{orders}" }

# The query cache of a request, and one query of two users and of nobody.
Order.cache do
  puts "cache: nobody sees #{orders}"
  TENANT.each do |user, tenant|
    AsUser.in_transaction(TOKEN[user], tenant) { puts "cache: #{user} sees #{orders}" }
  end
  puts "cache: then nobody sees #{orders}"
end

# A relation asks when it is read: after the transaction it is nobody's.
lazy = AsUser.in_transaction(TOKEN['alice'], 'org-acme') { Order.all }
puts "lazy: alice sees #{lazy.size}"

# Requests of both users, and of nobody, at the same time.
def request(number)
  user = ORDERS.keys[number % 3]
  return nobody if user == 'nobody'

  AsUser.send(%i[in_transaction in_autocommit][number % 2], TOKEN[user], TENANT[user]) { orders }
end

ActiveRecord::Base.connection_handler.clear_active_connections!    # this thread holds one
seen = Array.new(4) do |thread|
  Thread.new { Array.new(75) { |n| n += thread; request(n) == ORDERS.values[n % 3] } }
end.flat_map(&:value)
puts "together: #{seen.size} requests, #{seen.count(false)} wrong"
puts "log: #{log.string.include?('eyJ') ? 'has a token' : 'has no token'} in #{log.string.scan('As user').size} lines"
