namespace Portal.Data.Steps;

/// <summary>A head may go when there is a later one, which vouches for the same rows and more.</summary>
internal static class AuditHeadsStep
{
    public const string Sql = """
        DROP TRIGGER audit_heads_no_delete;
        CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
            WHEN OLD.Sequence >= (SELECT MAX(Sequence) FROM audit_heads WHERE Id <> OLD.Id AND Kind IN ('checkpoint', OLD.Kind))
                OR NOT EXISTS (SELECT 1 FROM audit_heads WHERE Id <> OLD.Id AND Kind IN ('checkpoint', OLD.Kind))
            BEGIN SELECT RAISE(ABORT, 'the last head of the audit log cannot be deleted'); END;
        """;
}
