namespace Portal.Data.Steps;

/// <summary>The audit log and its signed heads: rows are added and never changed; only what a checkpoint stands for may go.</summary>
internal static class AuditStep
{
    public const string Sql = """
        CREATE TABLE audit (
            Sequence INTEGER NOT NULL PRIMARY KEY, At TEXT NOT NULL, ActorId TEXT NOT NULL, ActorName TEXT NOT NULL, ActorKind TEXT NOT NULL,
            Source TEXT NOT NULL, Action TEXT NOT NULL, Kind TEXT NOT NULL, Namespace TEXT, Name TEXT, Result TEXT NOT NULL,
            Changes TEXT, Reason TEXT, CorrelationId TEXT, Address TEXT, Hash TEXT NOT NULL, Seal TEXT NOT NULL);
        CREATE INDEX audit_by_object ON audit (Namespace, Kind, Name, Sequence);
        CREATE INDEX audit_by_time ON audit (At);
        CREATE INDEX audit_by_actor ON audit (ActorId, Sequence);
        CREATE INDEX audit_by_action ON audit (Action, Sequence);
        CREATE INDEX audit_by_correlation ON audit (CorrelationId) WHERE CorrelationId IS NOT NULL;
        CREATE TABLE audit_heads (
            Id INTEGER NOT NULL PRIMARY KEY, Kind TEXT NOT NULL, Sequence INTEGER NOT NULL, Hash TEXT NOT NULL, At TEXT NOT NULL,
            KeyId TEXT NOT NULL, Signature TEXT NOT NULL);
        CREATE INDEX audit_heads_by_sequence ON audit_heads (Kind, Sequence);
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log cannot be changed'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
            WHEN OLD.Sequence > (SELECT COALESCE(MAX(Sequence), 0) FROM audit_heads WHERE Kind = 'checkpoint')
            BEGIN SELECT RAISE(ABORT, 'the audit log cannot be deleted'); END;
        CREATE TRIGGER audit_heads_no_update BEFORE UPDATE ON audit_heads
            BEGIN SELECT RAISE(ABORT, 'heads of the audit log cannot be changed'); END;
        CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
            WHEN OLD.Sequence >= (SELECT COALESCE(MAX(Sequence), 0) FROM audit_heads WHERE Kind = 'checkpoint')
            BEGIN SELECT RAISE(ABORT, 'heads of the audit log cannot be deleted'); END;
        """;
}
