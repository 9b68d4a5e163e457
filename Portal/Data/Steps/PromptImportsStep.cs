namespace Portal.Data.Steps;

/// <summary>Imports of prompts, with what became of each.</summary>
internal static class PromptImportsStep
{
    public const string Sqlite =
        """
        CREATE TABLE prompt_imports (
            Id TEXT NOT NULL PRIMARY KEY, Namespace TEXT NOT NULL, AuthorId TEXT NOT NULL, AuthorName TEXT NOT NULL, CreatedAt TEXT NOT NULL, UpdatedAt TEXT NOT NULL,
            State TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE prompt_import_items (
            ImportId TEXT NOT NULL, Position INTEGER NOT NULL, Source TEXT NOT NULL, Format TEXT NOT NULL, Name TEXT NOT NULL, Choice TEXT NOT NULL,
            Content TEXT, History TEXT, Problem TEXT, IsLeft INTEGER NOT NULL, Notes TEXT NOT NULL, Outcome TEXT, Message TEXT, PRIMARY KEY (ImportId, Position)) WITHOUT ROWID;
        """;

    public const string Postgres =
        """
        CREATE TABLE prompt_imports (
            Id TEXT NOT NULL PRIMARY KEY, Namespace TEXT NOT NULL, AuthorId TEXT NOT NULL, AuthorName TEXT NOT NULL, CreatedAt TIMESTAMPTZ NOT NULL,
            UpdatedAt TIMESTAMPTZ NOT NULL, State TEXT NOT NULL);
        CREATE TABLE prompt_import_items (
            ImportId TEXT NOT NULL, Position INTEGER NOT NULL, Source TEXT NOT NULL, Format TEXT NOT NULL, Name TEXT NOT NULL, Choice TEXT NOT NULL,
            Content TEXT, History TEXT, Problem TEXT, IsLeft BOOLEAN NOT NULL, Notes TEXT NOT NULL, Outcome TEXT, Message TEXT, PRIMARY KEY (ImportId, Position));
        """;
}
