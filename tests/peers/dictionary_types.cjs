// Structures as servers of OPC UA 1.03 have them: told by a type dictionary, without a definition.
"use strict";

const { AttributeIds, DataType, DataValue, StatusCodes } = require("node-opcua");
const { OpaqueStructure } = require("node-opcua-extension-object");

// The server says of the data type what servers say that know no DataTypeDefinition.
function hideDefinition(dataType) {
  const read = dataType.readAttribute;
  dataType.readAttribute = function (context, attribute, ...more) {
    return attribute === AttributeIds.DataTypeDefinition
      ? new DataValue({ statusCode: StatusCodes.BadAttributeIdInvalid })
      : read.call(this, context, attribute, ...more);
  };
}

// The names are quoted and have a colon, as those of Siemens S7-1500 may.
const PRESS = `<?xml version="1.0" encoding="utf-8"?>
<opc:TypeDictionary xmlns:opc="http://opcfoundation.org/BinarySchema/" xmlns:ua="http://opcfoundation.org/UA/"
    xmlns:tns="urn:press" DefaultByteOrder="LittleEndian" TargetNamespace="urn:press">
  <opc:Import Namespace="http://opcfoundation.org/UA/"/>
  <opc:StructuredType Name="&quot;Tool:A&quot;" BaseType="ua:ExtensionObject">
    <opc:Field Name="Name" TypeName="opc:String"/>
    <opc:Field Name="Strokes" TypeName="opc:UInt32"/>
  </opc:StructuredType>
  <opc:StructuredType Name="&quot;Press&quot;" BaseType="ua:ExtensionObject">
    <opc:Field Name="Counter" TypeName="opc:Int32"/>
    <opc:Field Name="NoOfTools" TypeName="opc:Int32"/>
    <opc:Field Name="Tools" TypeName="tns:&quot;Tool:A&quot;" LengthField="NoOfTools"/>
  </opc:StructuredType>
</opc:TypeDictionary>`;

// node-opcua copies what it is given through its class.
class Raw extends OpaqueStructure {
  constructor(it) {
    super(it.nodeId, it.buffer);
  }
}

// Objects/Press/Counters: {Counter: 41, Tools: [{Name: "upper", Strokes: 7}, {Name: "", Strokes: 8}]}.
function addPress(addressSpace) {
  const namespace = addressSpace.registerNamespace("urn:press");
  const dictionary = namespace.addVariable({
    browseName: "Press", componentOf: addressSpace.findNode("i=93"), dataType: "ByteString",
    typeDefinition: "DataTypeDictionaryType", value: { dataType: DataType.ByteString, value: Buffer.from(PRESS) },
  });
  const description = namespace.addVariable({
    browseName: '"Press"', componentOf: dictionary, dataType: "String",
    typeDefinition: "DataTypeDescriptionType", value: { dataType: DataType.String, value: '"Press"' },
  });
  const dataType = namespace.createDataType({ browseName: '"Press"', isAbstract: false, subtypeOf: "Structure" });
  hideDefinition(dataType);
  const encoding = namespace.addObject({
    browseName: { name: "Default Binary", namespaceIndex: 0 }, typeDefinition: "DataTypeEncodingType",
  });
  dataType.addReference({ referenceType: "HasEncoding", nodeId: encoding });
  encoding.addReference({ referenceType: "HasDescription", nodeId: description });
  const press = namespace.addObject({ browseName: "Press", organizedBy: addressSpace.rootFolder.objects });
  const counters = namespace.addVariable({ browseName: "Counters", componentOf: press, dataType: dataType.nodeId });
  counters.checkExtensionObjectIsCorrect = () => true; // node-opcua has no class of the type
  const numbers = (...them) => Buffer.from(new Int32Array(them).buffer);
  const body = Buffer.concat([numbers(41, 2, 5), Buffer.from("upper"), numbers(7, 0, 8)]);
  const value = new Raw({ nodeId: encoding.nodeId, buffer: body });
  counters.setValueFromSource({ dataType: DataType.ExtensionObject, value });
}

module.exports = { addPress, hideDefinition };
