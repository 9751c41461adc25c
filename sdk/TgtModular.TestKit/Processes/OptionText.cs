using System.Text.Json;
using System.Text.Json.Nodes;

namespace TgtModular.TestKit;

/// <summary>Options of a store as text, for a child process.</summary>
internal static class OptionText
{
    public static string Write(IReadOnlyDictionary<string, object> options)
    {
        JsonObject text = [];
        foreach ((string name, object value) in options)
        {
            text[name] = value switch
            {
                TimeSpan time => new JsonObject { ["ticks"] = time.Ticks },
                IEnumerable<string> list => new JsonArray([.. list.Select(item => JsonValue.Create(item))]),
                int number => JsonValue.Create((long)number),
                _ => JsonSerializer.SerializeToNode(value, value.GetType()),
            };
        }

        return text.ToJsonString();
    }

    public static IReadOnlyDictionary<string, object> Read(string text) =>
        JsonNode.Parse(text)!.AsObject().ToDictionary(pair => pair.Key, pair => Read(pair.Value!));

    private static object Read(JsonNode node) => node switch
    {
        JsonObject time => TimeSpan.FromTicks((long)time["ticks"]!),
        JsonArray list => (IReadOnlyList<string>)[.. list.Select(item => (string)item!)],
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => (string)node!,
            JsonValueKind.Number => (long)node,
            _ => (bool)node,
        },
    };
}
