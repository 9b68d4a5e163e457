namespace Portal.Data.Steps;

/// <summary>Revisions and release requests. Revisions and the events of a request are never changed: the database itself refuses it.</summary>
internal static class ReleasesStep
{
    public const string Sql =
        """
        CREATE TABLE revisions (
            Kind TEXT NOT NULL, Namespace TEXT NOT NULL, Name TEXT NOT NULL, Number INTEGER NOT NULL, Content TEXT NOT NULL, Hash TEXT NOT NULL,
            AuthorId TEXT NOT NULL, AuthorName TEXT NOT NULL, Message TEXT NOT NULL, Source TEXT NOT NULL, CreatedAt TEXT NOT NULL,
            Base INTEGER, RollbackOf INTEGER, Uid TEXT, Generation INTEGER,
            PRIMARY KEY (Kind, Namespace, Name, Number));
        CREATE TRIGGER revisions_stay BEFORE UPDATE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions are immutable'); END;
        CREATE TRIGGER revisions_remain BEFORE DELETE ON revisions BEGIN SELECT RAISE(ABORT, 'revisions are immutable'); END;

        CREATE TABLE releases (
            Id INTEGER PRIMARY KEY AUTOINCREMENT, Version INTEGER NOT NULL, Environment TEXT NOT NULL, Message TEXT NOT NULL, Status TEXT NOT NULL,
            Hash TEXT NOT NULL, RequesterId TEXT NOT NULL, RequesterName TEXT NOT NULL, MayPublish INTEGER NOT NULL, Authors TEXT NOT NULL,
            Reviews TEXT NOT NULL, CreatedAt TEXT NOT NULL, UpdatedAt TEXT NOT NULL, PublishAt TEXT, ExpiresAt TEXT, Bypass TEXT, Problem TEXT);
        CREATE INDEX releases_open ON releases (Status) WHERE Status IN ('Open', 'ChangesRequested', 'Approved', 'Publishing');
        CREATE TABLE release_items (
            ReleaseId INTEGER NOT NULL, Position INTEGER NOT NULL, Kind TEXT NOT NULL, Namespace TEXT NOT NULL, Name TEXT NOT NULL,
            Revision INTEGER NOT NULL, Hash TEXT NOT NULL, LiveHash TEXT, Force INTEGER NOT NULL,
            PRIMARY KEY (ReleaseId, Position)) WITHOUT ROWID;
        CREATE INDEX release_items_by_object ON release_items (Namespace, Kind, Name);
        CREATE TABLE release_events (
            Id INTEGER PRIMARY KEY AUTOINCREMENT, ReleaseId INTEGER NOT NULL, At TEXT NOT NULL, ActorId TEXT NOT NULL, ActorName TEXT NOT NULL,
            Kind TEXT NOT NULL, Hash TEXT NOT NULL, Comment TEXT);
        CREATE INDEX release_events_by_release ON release_events (ReleaseId, Id);
        CREATE TRIGGER release_events_stay BEFORE UPDATE ON release_events BEGIN SELECT RAISE(ABORT, 'the history of a release is immutable'); END;
        CREATE TRIGGER release_events_remain BEFORE DELETE ON release_events BEGIN SELECT RAISE(ABORT, 'the history of a release is immutable'); END;

        ALTER TABLE publications ADD COLUMN Kind TEXT NOT NULL DEFAULT 'Prompt';
        ALTER TABLE publications ADD COLUMN ReleaseId INTEGER;
        ALTER TABLE publications ADD COLUMN Revision INTEGER;
        ALTER TABLE publications ADD COLUMN LiveHash TEXT;
        ALTER TABLE publications ADD COLUMN Annotations TEXT;
        CREATE INDEX publications_by_release ON publications (ReleaseId) WHERE ReleaseId IS NOT NULL;
        """;
}
