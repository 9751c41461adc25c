using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;

namespace TgtModular.TgtSocket.Tests;

/// <summary>The wire, both ways, and what is refused on it.</summary>
[TestClass]
public sealed class RequestTests
{
    private static readonly ManagementRequest Full = new()
    {
        Mode = ManagementMode.Account,
        Operation = ManagementOperation.Bind,
        Driver = "iscsi",
        TargetId = 7,
        SessionId = 8,
        Lun = 9,
        ConnectionId = 10,
        HostNumber = 11,
        DeviceType = 12,
        AccountDirection = 1,
        Pack = 13,
        Force = 1,
        Body = "user=joe,password=päss",
    };

    [TestMethod]
    public void Request_EncodedAndRead_IsTheSame()
    {
        byte[] bytes = Full.Encode();

        Assert.IsTrue(ManagementRequest.TryReadBodyLength(bytes.AsSpan(0, ManagementRequest.HeaderLength), out int length));
        Assert.AreEqual(bytes.Length - ManagementRequest.HeaderLength, length);
        Assert.IsTrue(ManagementRequest.TryRead(
            bytes.AsSpan(0, ManagementRequest.HeaderLength), bytes.AsSpan(ManagementRequest.HeaderLength), out ManagementRequest? read));
        Assert.AreEqual(Full, read);
    }

    [TestMethod]
    public void Request_OnTheWire_HasItsNumbersWhereTheToolsPutThem()
    {
        byte[] bytes = Full.Encode();

        Assert.AreEqual(7u, BitConverter.ToUInt32(bytes, 0));
        Assert.AreEqual(3u, BitConverter.ToUInt32(bytes, 4));
        Assert.AreEqual((byte)'i', bytes[8]);
        Assert.AreEqual((uint)bytes.Length, BitConverter.ToUInt32(bytes, 72));
        Assert.AreEqual(7, BitConverter.ToInt32(bytes, 76));
        Assert.AreEqual(8ul, BitConverter.ToUInt64(bytes, 80));
        Assert.AreEqual(9ul, BitConverter.ToUInt64(bytes, 88));
        Assert.AreEqual(1u, BitConverter.ToUInt32(bytes, 108));
        Assert.AreEqual(1u, BitConverter.ToUInt32(bytes, 116));
        Assert.AreEqual((byte)0, bytes[^1]);
    }

    [TestMethod]
    [DataRow(0u)]
    [DataRow(119u)]
    [DataRow(120u + 8193u)]
    [DataRow(uint.MaxValue)]
    public void Length_OutOfRange_IsRefused(uint length)
    {
        byte[] header = new byte[ManagementRequest.HeaderLength];
        BitConverter.TryWriteBytes(header.AsSpan(72), length);

        Assert.IsFalse(ManagementRequest.TryReadBodyLength(header, out _));
    }

    [TestMethod]
    public void Bytes_ThatAreNoise_AreReadOrRefusedAndNeverThrow()
    {
        Random random = new(4711);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] header = new byte[ManagementRequest.HeaderLength];
            random.NextBytes(header);
            if (i % 2 == 0) BitConverter.TryWriteBytes(header.AsSpan(72), (uint)random.Next(100, 400));
            if (!ManagementRequest.TryReadBodyLength(header, out int length)) continue;
            byte[] body = new byte[length];
            random.NextBytes(body);
            Assert.IsTrue(ManagementRequest.TryRead(header, body, out ManagementRequest? request));
            RequestBody parsed = RequestBody.Parse(request!.Body);
            Assert.IsNotNull(parsed.Parameters);
        }
    }

    [TestMethod]
    public void Response_WithAnError_HasNoBody()
    {
        byte[] bytes = new ManagementResponse(ManagementError.NoTarget, "ignored").Encode();

        Assert.HasCount(ManagementResponse.HeaderLength, bytes);
        Assert.IsTrue(ManagementResponse.TryReadHeader(bytes, out ManagementError error, out int length));
        Assert.AreEqual(ManagementError.NoTarget, error);
        Assert.AreEqual(0, length);
    }

    [TestMethod]
    public void Response_WithText_EndsWithNul()
    {
        byte[] bytes = new ManagementResponse(ManagementError.None, "text\n").Encode();

        Assert.HasCount(ManagementResponse.HeaderLength + 6, bytes);
        Assert.AreEqual((byte)0, bytes[^1]);
    }

    [TestMethod]
    public void Errors_HaveTheNumbersAndTextsOfTheTools()
    {
        string[] golden =
        [
            "0 success", "1 unknown error", "2 out of memory", "3 can't find the driver", "4 can't find the target", "5 can't find the logical unit",
            "6 can't find the session", "7 can't find the connection", "8 can't find the binding", "9 this target already exists",
            "10 this logical unit number already exists", "11 this binding already exists", "12 this access control rule already exists",
            "13 this access control rule does not exist", "14 this account already exists", "15 can't find the account", "16 too many accounts",
            "17 invalid request", "18 this target already has an outgoing account", "19 this target is still active", "20 this logical unit is still active",
            "21 this driver is busy", "22 this operation isn't supported", "23 unknown parameter", "24 this device has Prevent Removal set",
        ];

        CollectionAssert.AreEqual(golden, Enum.GetValues<ManagementError>().Select(error => $"{(uint)error} {error.Message()}").ToArray());
        Assert.AreEqual("(unknown tgtadm_errno)", ((ManagementError)25).Message());
    }
}
