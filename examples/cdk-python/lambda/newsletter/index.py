def handler(event, context):
    return {"sent": len(event.get("subscribers", []))}
