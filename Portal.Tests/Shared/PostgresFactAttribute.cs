namespace Portal.Tests.Shared;

/// <summary>A test of PostgreSQL itself, for the run that has a server.</summary>
internal sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = TestPostgres.Server is null ? "GENKIT_TEST_POSTGRES names no server." : null;
}
