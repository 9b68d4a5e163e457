namespace Portal.Data;

/// <summary>One change of the tables, in the words of each database.</summary>
internal sealed record SchemaStep(string Sqlite, string Postgres);
