using Portal.Data;
using Portal.Data.Dialects;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

public sealed class PostgresDialectTests : IDisposable
{
    private readonly List<string> _made = [];

    public void Dispose() => _made.ForEach(TestPostgres.Drop);

    [Theory]
    [InlineData("Host=db;Password=geheim")]
    [InlineData("Database=portal;Password=geheim")]
    [InlineData("Host=db;Database=portal;Password=geheim;Nonsense=1")]
    [InlineData("Host=db;Database=portal;Password=geheim;Port=geheim")]
    [InlineData("postgresql://portal:geheim@")]
    [InlineData("postgresql://portal:geheim@db/portal?port=geheim")]
    [InlineData("geheim")]
    public void Open_ConnectionStringThatIsNone_IsRefusedWithoutItsSecret(string text)
    {
        var refused = Assert.Throws<StartupException>(() => new PostgresDialect(text));

        Assert.Contains("Portal:Database:ConnectionString", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Uri_IsTheSameAsKeysAndValues()
    {
        var settings = PostgresSettings.Read("postgresql://por%40tal:ge%3Aheim@db.example.com:5433/portal?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy-ca.pem");

        Assert.Equal(("db.example.com", 5433, "portal", "por@tal", "ge:heim"), (settings.Host, settings.Port, settings.Database, settings.Username, settings.Password));
        Assert.Equal((Npgsql.SslMode.VerifyFull, "/etc/my-ca.pem"), (settings.SslMode, settings.RootCertificate));
    }

    [Fact]
    public void Open_NobodyListens_SaysWhereAndWhatToCheck()
    {
        var refused = Refused("Host=127.0.0.1;Port=1;Database=portal;Username=portal;Password=geheim");

        Assert.Contains("the database portal on 127.0.0.1:1", refused, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", refused, StringComparison.Ordinal);
    }

    [PostgresFact]
    public void Open_WrongPassword_NamesTheOptionAndNotThePassword()
    {
        TestPostgres.Execute("DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END $$");

        var refused = Refused(TestPostgres.Server + ";Username=locked;Password=geheim");

        Assert.Contains("Check Username and Password", refused, StringComparison.Ordinal);
    }

    [PostgresFact]
    public void Open_DatabaseThatIsNotThere_SaysHowToMakeIt() =>
        Assert.Contains("CREATE DATABASE portal", Refused(TestPostgres.Server + ";Database=nowhere"), StringComparison.Ordinal);

    [PostgresFact]
    public void Open_NoRightToMakeTables_SaysWhichGrant()
    {
        TestPostgres.Execute("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");

        Assert.Contains("GRANT CREATE, USAGE ON SCHEMA", Refused(Bare() + ";Username=guest"), StringComparison.Ordinal);
    }

    [PostgresFact]
    public void Open_OtherEncoding_SaysHowToMakeOneThatHoldsEveryCharacter() =>
        Assert.Contains("ENCODING 'UTF8'", Refused(Bare("TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")), StringComparison.Ordinal);

    [PostgresFact]
    public void Open_DatabaseOfANewerPortal_IsRefused()
    {
        var connectionString = Bare();
        using (var source = Npgsql.NpgsqlDataSource.Create(connectionString))
        using (var command = source.CreateCommand("CREATE TABLE portal_schema (version INTEGER); INSERT INTO portal_schema VALUES (999)"))
        {
            command.ExecuteNonQuery();
        }

        Assert.Contains("newer portal (version 999", Refused(connectionString), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Open_ManyAtOnceOnAnEmptyDatabase_AllOpen()
    {
        var connectionString = Bare();

        var portals = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => new PortalDatabase(new PostgresDialect(connectionString)))));

        Assert.All(portals, portal => Assert.Equal(0, portal.Read(context => context.Drafts.Count())));
        Array.ForEach(portals, portal => portal.Dispose());
    }

    private string Bare(string more = "")
    {
        _made.Add(TestPostgres.CreateBare(more));
        return _made[^1];
    }

    private static string Refused(string connectionString)
    {
        var refused = Assert.Throws<StartupException>(() => new PortalDatabase(new PostgresDialect(connectionString)));
        Assert.DoesNotContain("geheim", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        return refused.Message;
    }
}
