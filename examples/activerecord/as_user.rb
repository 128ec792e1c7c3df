# Queries as a user with ActiveRecord, in a transaction or in autocommit.

require 'active_record'
require 'jwt'

module AsUser
  SET = "SELECT pg_catalog.set_config('tacl.token', $1, $3), pg_catalog.set_config('app.tenant', $2, $3)".freeze

  module_function

  # A token for a user, signed with the key that tacl_add_key() knows as app-1.
  def sign_token(user)
    JWT.encode({ sub: user, exp: Time.now.to_i + 300 }, ENV.fetch('TOKEN_SECRET'), 'HS256', kid: 'app-1')
  end

  # Runs the block in a transaction as the token's user, at a tenant. Its end
  # takes both back; so an outer transaction, which would keep them, is refused.
  def in_transaction(token, tenant)
    with_clean_cache do |connection|
      connection.transaction do
        hand_over(connection, token, tenant, true)
        yield
      end
    end
  end

  # Runs the block as the token's user, each query in autocommit. reset! takes
  # everything back, also a transaction left open (in the transaction of a test's
  # fixtures, whose end takes it back, it is not used). A connection that cannot be
  # cleaned is closed. Not for a transaction pooler.
  def in_autocommit(token, tenant)
    with_clean_cache do |connection|
      in_fixtures = connection.transaction_open?
      hand_over(connection, token, tenant, false)
      yield
    ensure
      begin
        in_fixtures ? hand_over(connection, '', '', false) : connection.reset!
      rescue StandardError
        connection.disconnect!
      end
    end
  end

  # The query cache does not know who asks: it begins and ends empty. Prepared
  # statements have names, under which injected SQL can leave a text of its own for
  # the next user: a connection that makes them is refused.
  def with_clean_cache
    ActiveRecord::Base.connection_pool.with_connection do |connection|
      raise ArgumentError, 'set prepared_statements: false' if connection.prepared_statements

      raise ActiveRecord::TransactionIsolationError, 'already in a transaction' if connection.current_transaction.joinable?

      begin
        connection.clear_query_cache
        yield connection
      ensure
        connection.clear_query_cache
      end
    end
  end

  # exec_query is never answered by the query cache. The token goes as binary
  # data, of which the log of ActiveRecord shows the length only.
  def hand_over(connection, token, tenant, local)
    text = ActiveModel::Type::String.new
    binds = [['token', token, ActiveModel::Type::Binary.new], ['tenant', tenant, text], ['local', local.to_s, text]]
    connection.exec_query(SET, 'As user', binds.map { |bind| ActiveRecord::Relation::QueryAttribute.new(*bind) })
  end
end
