# Shows as_user.rb at work on the orders of ../setup.sql: over one pool of two
# connections, each user sees the orders of their organization.

require_relative 'as_user'
require 'stringio'

# PGHOST, PGUSER and so on say where.
ActiveRecord::Base.establish_connection(adapter: 'postgresql', database: ENV.fetch('PGDATABASE'), pool: 2, checkout_timeout: 60)
log = StringIO.new
ActiveRecord::Base.logger = Logger.new(log)

class Order < ActiveRecord::Base
end

TENANT = { 'alice' => 'org-acme', 'bob' => 'org-globex' }.freeze
ORDERS = { 'alice' => '1 2', 'bob' => '3', 'nobody' => '' }.freeze
TOKEN = TENANT.keys.to_h { |user| [user, AsUser.sign_token(user)] }.freeze

def orders
  Order.order(:id).map(&:id).join(' ')
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
