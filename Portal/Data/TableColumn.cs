using System.Collections;
using Portal.Data.Dialects;

namespace Portal.Data;

/// <summary>A column of a table, and where its value comes from.</summary>
internal abstract class TableColumn<T>(string name)
{
    public string Name => name;

    /// <summary>As it is stored.</summary>
    public abstract object? ValueOf(T row);

    /// <summary>An array of the values of many rows, which PostgreSQL takes as one parameter.</summary>
    public abstract Array ValuesOf(IReadOnlyList<T> rows);
}

/// <summary>Some columns in their order: <c>new() { { "Name", row => row.Name } }</c>.</summary>
internal sealed class TableColumns<T> : IReadOnlyList<TableColumn<T>>
{
    private readonly List<TableColumn<T>> _columns = [];

    public int Count => _columns.Count;

    public TableColumn<T> this[int index] => _columns[index];

    public void Add<TValue>(string name, Func<T, TValue> value) => _columns.Add(new Typed<TValue>(name, value));

    public IEnumerator<TableColumn<T>> GetEnumerator() => _columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Typed<TValue>(string name, Func<T, TValue> value) : TableColumn<T>(name)
    {
        public override object? ValueOf(T row) => Stored(row);

        public override Array ValuesOf(IReadOnlyList<T> rows)
        {
            var values = new TValue[rows.Count];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = Stored(rows[index]);
            }

            return values;
        }

        private TValue Stored(T row) => value(row) switch
        {
            string text => (TValue)(object)PostgresText.Clean(text),
            DateTime time => (TValue)(object)PortalDbContext.Stored(time),
            var other => other,
        };
    }
}
