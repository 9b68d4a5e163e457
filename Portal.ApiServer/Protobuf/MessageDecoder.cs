using System.Globalization;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Protobuf;

/// <summary>
/// From a message to the JSON a client would have sent instead. Zero values that Go always writes are left out. A field that is not in the tables is
/// refused unless it is zero: an object is not stored without what its writer said.
/// </summary>
internal static class MessageDecoder
{
    private const long FirstSecond = -62135596800;
    private const long LastSecond = 253402300799;

    /// <exception cref="ProtobufException">The bytes are no such message, or have a field that the tables do not know.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> bytes, MessageTable table)
    {
        var result = new JsonObject();
        Read(bytes, table, result);
        return result;
    }

    private static void Read(ReadOnlySpan<byte> bytes, MessageTable table, JsonObject result)
    {
        var reader = new WireReader(bytes);
        while (reader.NextField())
        {
            if (!table.Fields.TryGetValue(reader.Number, out var field))
            {
                if (reader.Skip())
                {
                    throw new UnknownFieldException($"field {reader.Number} of {table.Name}");
                }
            }
            else if (field.Name == Field.Inlined)
            {
                Read(reader.Bytes(), field.Message!, result);
            }
            else
            {
                ReadField(ref reader, field, result);
            }
        }
    }

    private static void ReadField(ref WireReader reader, Field field, JsonObject result)
    {
        switch (field.Shape)
        {
            case Shape.List:
                var items = result[field.Name] as JsonArray;
                if (items is null)
                {
                    result[field.Name] = items = [];
                }

                ReadItems(ref reader, field, items);
                break;
            case Shape.Map:
                var map = result[field.Name] as JsonObject;
                if (map is null)
                {
                    result[field.Name] = map = [];
                }

                ReadEntry(reader.Bytes(), field, map);
                break;
            default:
                // A message that comes twice is merged, a scalar that comes twice is replaced.
                var value = field.Message is not null && result[field.Name] is JsonObject earlier
                    ? Merge(ref reader, field.Message, earlier)
                    : Value(ref reader, field);
                if (value is null || (!field.Optional && IsZero(value)))
                {
                    result.Remove(field.Name);
                }
                else if (!ReferenceEquals(value, result[field.Name]))
                {
                    result[field.Name] = value;
                }

                break;
        }
    }

    private static JsonObject Merge(ref WireReader reader, MessageTable table, JsonObject earlier)
    {
        Read(reader.Bytes(), table, earlier);
        return earlier;
    }

    private static void ReadItems(ref WireReader reader, Field field, JsonArray items)
    {
        if (field.Type == "int")
        {
            reader.Integers().ForEach(number => items.Add((JsonNode)number));
            return;
        }

        items.Add(Value(ref reader, field));
    }

    private static void ReadEntry(ReadOnlySpan<byte> bytes, Field field, JsonObject map)
    {
        var entry = new WireReader(bytes);
        var key = "";
        JsonNode? value = null;
        while (entry.NextField())
        {
            switch (entry.Number)
            {
                case 1:
                    key = entry.Text();
                    break;
                case 2:
                    value = Value(ref entry, field);
                    break;
                default:
                    entry.Skip();
                    break;
            }
        }

        map[key] = value ?? (field.Message is null ? "" : new JsonObject());
    }

    private static JsonNode? Value(ref WireReader reader, Field field) => field.Type switch
    {
        "string" => reader.Text(),
        "int" => reader.Integer(),
        "bool" => reader.Integer() != 0,
        "bytes" => Convert.ToBase64String(reader.Bytes()),
        "time" => Time(reader.Bytes()),
        "quantity" => Quantity(reader.Bytes()),
        "intOrString" => IntOrString(reader.Bytes()),
        "json" => Json(reader.Bytes()),
        _ => Decode(reader.Bytes(), field.Message!),
    };

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject fields => fields.Count == 0,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.GetValue<string>().Length == 0,
            JsonValueKind.Number => scalar.GetValue<long>() == 0,
            JsonValueKind.False => true,
            _ => false,
        },
        _ => false,
    };

    /// <summary>Seconds since 1970 in field 1; an empty message is no time.</summary>
    private static JsonNode? Time(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        long? seconds = null;
        while (reader.NextField())
        {
            if (reader.Number == 1)
            {
                seconds = reader.Integer();
            }
            else
            {
                reader.Skip();
            }
        }

        return seconds switch
        {
            null => null,
            < FirstSecond or > LastSecond => throw new ProtobufException($"a time of {seconds} seconds is out of range"),
            { } known => DateTimeOffset.FromUnixTimeSeconds(known).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>The text of a quantity, in field 1.</summary>
    private static string Quantity(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var text = "0";
        while (reader.NextField())
        {
            if (reader.Number == 1)
            {
                text = reader.Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return text;
    }

    /// <summary>Field 1 says which: 0 the number in field 2, 1 the text in field 3.</summary>
    private static JsonNode IntOrString(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var (isText, number, text) = (false, 0L, "");
        while (reader.NextField())
        {
            switch (reader.Number)
            {
                case 1:
                    isText = reader.Integer() != 0;
                    break;
                case 2:
                    number = reader.Integer();
                    break;
                case 3:
                    text = reader.Text();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return isText ? text : number;
    }

    /// <summary>JSON text in field 1.</summary>
    private static JsonNode? Json(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        JsonNode? value = null;
        while (reader.NextField())
        {
            if (reader.Number != 1)
            {
                reader.Skip();
                continue;
            }

            try
            {
                value = ObjectJson.Parse(reader.Bytes(), []);
            }
            catch (JsonException)
            {
                throw new ProtobufException("managed fields are not JSON");
            }
        }

        return value;
    }
}
