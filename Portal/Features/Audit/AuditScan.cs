using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Goes through rows in order and stops at the first that is not what the portal wrote. One scan is for one pass.</summary>
/// <param name="heads">Signed heads, of any age; every one of them must agree with the row it names.</param>
/// <param name="start">The row before the first one, such as that of a checkpoint.</param>
internal sealed class AuditScan(AuditKey key, IReadOnlyCollection<AuditHead> heads, (long Sequence, string Hash) start)
{
    private const int Nearby = 64;

    private readonly AuditChain _chain = new();
    private readonly ILookup<long, AuditHead> _heads = heads.ToLookup(head => head.Sequence);
    private readonly long _signed = heads.Count == 0 ? 0 : heads.Max(head => head.Sequence);
    private readonly Queue<string> _before = new([start.Hash]);

    /// <summary>The last row that was in order.</summary>
    public (long Sequence, string Hash) Position { get; private set; } = start;

    /// <summary>What is wrong first, or null.</summary>
    /// <param name="rows">All rows after the start, in order.</param>
    /// <param name="taken">Called after each row that is in order.</param>
    public AuditProblem? Run(IEnumerable<StoredRow> rows, Action taken)
    {
        using var row = rows.GetEnumerator();
        while (row.MoveNext())
        {
            if (Check(row.Current) is { } problem)
            {
                return problem.Kind == AuditProblemKind.Altered ? Moved(row.Current, row) ?? problem : problem;
            }

            taken();
        }

        return heads.Where(head => head.Sequence > Position.Sequence).MaxBy(head => head.Sequence) is { } beyond
            ? new AuditProblem(AuditProblemKind.Truncated, Position.Sequence + 1,
                $"{Rows(Position.Sequence + 1, beyond.Sequence)} missing at the end: row {beyond.Sequence} was there when the log was signed at {beyond.At:u}.")
            : null;
    }

    private AuditProblem? Check(StoredRow row)
    {
        var expected = Position.Sequence + 1;
        if (row.Sequence != expected)
        {
            return new AuditProblem(AuditProblemKind.Missing, expected, $"{Rows(expected, row.Sequence - 1)} missing: after row {Position.Sequence} comes row {row.Sequence}.");
        }

        if (_chain.HashOf(Position.Hash, row.Sequence, row.Fields) != row.Hash)
        {
            return new AuditProblem(AuditProblemKind.Altered, row.Sequence, $"Row {row.Sequence} was changed: its fields do not have the hash they were written with.");
        }

        // A seal of a key that was replaced since cannot be checked any more; then a head must vouch for the row.
        if (key.Sealed(row.Hash, row.Seal) is not true and var @sealed && (@sealed is false || row.Sequence > _signed))
        {
            return new AuditProblem(AuditProblemKind.Inserted, row.Sequence, $"Row {row.Sequence} was not written by this portal: its seal is not the portal's.");
        }

        if (_heads[row.Sequence].FirstOrDefault(head => head.Hash != row.Hash) is { } head)
        {
            return new AuditProblem(AuditProblemKind.Truncated, row.Sequence,
                $"Row {row.Sequence} is another one than was there when the log was signed at {head.At:u}: rows up to here were replaced since.");
        }

        Position = (row.Sequence, row.Hash);
        _before.Enqueue(row.Hash);
        if (_before.Count > Nearby)
        {
            _before.Dequeue();
        }

        return null;
    }

    /// <summary>A row whose hash is right for a place nearby was moved from there.</summary>
    private AuditProblem? Moved(StoredRow row, IEnumerator<StoredRow> following)
    {
        List<string> hashes = [.. _before];
        for (var count = 0; count < Nearby && following.MoveNext(); count++)
        {
            hashes.Add(following.Current.Hash);
        }

        for (var place = Math.Max(1, row.Sequence - Nearby); place <= row.Sequence + Nearby; place++)
        {
            if (place != row.Sequence && hashes.Exists(previous => _chain.HashOf(previous, place, row.Fields) == row.Hash))
            {
                return new AuditProblem(AuditProblemKind.Moved, row.Sequence, $"Row {row.Sequence} was row {place}: rows were put into another order.");
            }
        }

        return null;
    }

    private static string Rows(long first, long last) => first == last ? $"Row {first} is" : $"Rows {first} to {last} are";
}
